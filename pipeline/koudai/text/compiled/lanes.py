"""Lanes: `LANES` numbers side by side in one register of the processor, for kernels that do several sums at once.

Promises: each lane gets the operations that it would get by itself, in the same order and none of them contracted, so
that machine code and plain Python give equal numbers. The compiler is told the vectors, since it does not find them.
To be imported by kernels alone, as ``jit.py`` is. Checks no index.
"""

from __future__ import annotations

from typing import Any

from koudai.text.compiled.jit import errors_named, switched_off

LANES = 4


def _along_row(*, into_sums: bool) -> Any:
    """Return a function that goes along the entries ``begin`` to ``end`` of a sparse row, ``data`` in the columns
    ``indices``, and of an array ``weights`` with `LANES` numbers for each column: it adds to each of ``sums`` the
    products of data and weights, or, if not `into_sums`, adds to the weights the products of data and ``sums``.
    """
    if switched_off():

        def plain(data: Any, indices: Any, begin: Any, end: Any, sums: Any, weights: Any) -> None:
            for place in range(int(begin), int(end)):
                first = int(indices[place]) * LANES
                if into_sums:
                    sums += weights[first : first + LANES] * data[place]
                else:
                    weights[first : first + LANES] += sums * data[place]

        return plain
    with errors_named():
        from llvmlite import ir
        from numba import types
        from numba.core import cgutils
        from numba.extending import intrinsic

    def along_row(typing: Any, data: Any, indices: Any, begin: Any, end: Any, sums: Any, weights: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            lanes, number, short = ir.VectorType(ir.DoubleType(), LANES), ir.IntType(64), ir.IntType(32)
            nothing = ir.Constant(lanes, ir.Undefined)
            everywhere = ir.Constant(ir.VectorType(short, LANES), [0] * LANES)

            def start(place: int) -> Any:
                return context.make_array(signature.args[place])(context, builder, arguments[place]).data

            def vector(array: Any, place: Any) -> Any:
                return builder.bitcast(builder.gep(array, [place]), lanes.as_pointer())

            values, columns, all_weights = start(0), start(1), start(5)
            kept, own = vector(start(4), number(0)), cgutils.alloca_once(builder, lanes)
            builder.store(builder.load(kept, align=8), own)
            with cgutils.for_range(builder, arguments[3], start=arguments[2], intp=number) as loop:
                one = builder.insert_element(nothing, builder.load(builder.gep(values, [loop.index])), short(0))
                value = builder.shuffle_vector(one, nothing, everywhere)
                column = builder.load(builder.gep(columns, [loop.index]))
                column = column if column.type.width == number.width else builder.zext(column, number)
                place = vector(all_weights, builder.mul(column, number(LANES)))
                weight, mine = builder.load(place, align=8), builder.load(own)
                if into_sums:
                    builder.store(builder.fadd(mine, builder.fmul(weight, value)), own)
                else:
                    builder.store(builder.fadd(weight, builder.fmul(mine, value)), place, align=8)
            if into_sums:
                builder.store(builder.load(own), kept, align=8)
            return context.get_dummy_value()

        return types.void(data, indices, types.int64, types.int64, sums, weights), generate

    return intrinsic(along_row)


gather, scatter = _along_row(into_sums=True), _along_row(into_sums=False)
