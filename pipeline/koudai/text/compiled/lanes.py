"""Lanes: numbers side by side in one register of the processor, for kernels that do several sums or looks at once.

Promises: each lane gets the operations that it would get by itself, in the same order and none of them contracted, so
that machine code and plain Python give equal numbers. The compiler is told the vectors, since it does not find them.
To be imported by kernels alone, as ``jit.py`` is. Checks no index.
"""

from __future__ import annotations

from typing import Any

from koudai.text.compiled.jit import Generated

LANES = 4
BUCKET = 8
"""Entries that `among` compares at once: a cache line of them."""
ENTRY = 24
"""Lower bits of an entry that `among` returns; the others are compared."""
BESIDE = 2
"""Columns of a row before those that are summed."""


def _along_row(*, into_sums: bool) -> Any:
    """Return a function that goes along the entries ``begin`` to ``end`` of a sparse row, ``data`` in the columns
    ``indices``, and of an array ``weights`` with `LANES` numbers for each column: it adds to each of ``sums`` the
    products of data and weights, or, if not `into_sums`, adds to the weights the products of data and ``sums``.
    """

    def plain(data: Any, indices: Any, begin: Any, end: Any, sums: Any, weights: Any) -> None:
        for place in range(int(begin), int(end)):
            first = int(indices[place]) * LANES
            if into_sums:
                sums += weights[first : first + LANES] * data[place]
            else:
                weights[first : first + LANES] += sums * data[place]

    def along_row(typing: Any, data: Any, indices: Any, begin: Any, end: Any, sums: Any, weights: Any) -> Any:
        from llvmlite import ir
        from numba import types
        from numba.core import cgutils

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

    return Generated(along_row, plain)


gather, scatter = _along_row(into_sums=True), _along_row(into_sums=False)


def _among() -> Any:
    """Return a function that looks through the `BUCKET` entries from ``table[at]`` on: it returns the lower `ENTRY`
    bits of the one whose other bits are `wanted`, 0 if there is none.
    """
    import numpy as np

    def plain(table: Any, at: Any, wanted: Any) -> Any:
        entries = table[int(at) : int(at) + BUCKET]
        same = entries[entries >> np.uint64(ENTRY) == wanted] & np.uint64((1 << ENTRY) - 1)
        return np.bitwise_or.reduce(same, dtype=np.uint64)

    def among(typing: Any, table: Any, at: Any, wanted: Any) -> Any:
        from llvmlite import ir
        from numba import types
        from numba.core import cgutils

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            number, short = ir.IntType(64), ir.IntType(32)
            entries = ir.VectorType(number, BUCKET)
            nothing = ir.Constant(entries, ir.Undefined)
            everywhere = ir.Constant(ir.VectorType(short, BUCKET), [0] * BUCKET)

            def each(constant: int) -> Any:
                return ir.Constant(entries, [constant] * BUCKET)

            start = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            place = builder.bitcast(builder.gep(start, [arguments[1]]), entries.as_pointer())
            held = builder.load(place, align=8)
            asked = builder.shuffle_vector(builder.insert_element(nothing, arguments[2], short(0)), nothing, everywhere)
            same = builder.icmp_unsigned("==", builder.lshr(held, each(ENTRY)), asked)
            values = builder.select(same, builder.and_(held, each((1 << ENTRY) - 1)), each(0))
            kind, name = ir.FunctionType(number, [entries]), f"llvm.vector.reduce.or.v{BUCKET}i64"
            return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [values])

        return types.uint64(table, types.uint64, types.uint64), generate

    return Generated(among, plain)


def _add_rows(columns: int) -> Any:
    """Return a function that adds to ``sums[to]`` and the `columns` - 1 after it the products of the first `count`
    of ``values`` and as many columns, from ``to + BESIDE`` on, of the rows ``items`` of a table of float32.
    """

    def plain(items: Any, values: Any, count: Any, rows: Any, sums: Any, to: Any) -> None:
        flat = rows.reshape(-1)
        for k in range(int(count)):
            first = int(items[k]) * rows.shape[1] + int(to) + BESIDE
            weights = flat[first : first + columns]
            sums[int(to) : int(to) + len(weights)] += values[k] * weights.astype(sums.dtype)

    lanes = min(columns, LANES)

    def add_rows(typing: Any, items: Any, values: Any, count: Any, rows: Any, sums: Any, to: Any) -> Any:
        from llvmlite import ir
        from numba import types
        from numba.core import cgutils

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            number, short = ir.IntType(64), ir.IntType(32)
            doubles, singles = ir.VectorType(ir.DoubleType(), lanes), ir.VectorType(ir.FloatType(), lanes)
            nothing = ir.Constant(doubles, ir.Undefined)
            everywhere = ir.Constant(ir.VectorType(short, lanes), [0] * lanes)

            def array(place: int) -> Any:
                return context.make_array(signature.args[place])(context, builder, arguments[place])

            def vector(start: Any, place: Any, kind: Any) -> Any:
                return builder.bitcast(builder.gep(start, [place]), kind.as_pointer())

            chosen, factors, table, total = array(0).data, array(1).data, array(3), array(4).data
            width = cgutils.unpack_tuple(builder, table.shape)[1]
            begin = builder.add(arguments[5], number(BESIDE))
            shifts = [number(shift) for shift in range(0, columns, lanes)]
            kept = [vector(total, builder.add(arguments[5], shift), doubles) for shift in shifts]
            own = [cgutils.alloca_once_value(builder, builder.load(one, align=8)) for one in kept]
            with cgutils.for_range(builder, arguments[2], intp=number) as loop:
                factor = builder.load(builder.gep(factors, [loop.index]))
                value = builder.shuffle_vector(builder.insert_element(nothing, factor, short(0)), nothing, everywhere)
                item = builder.load(builder.gep(chosen, [loop.index]))
                first = builder.add(builder.mul(item, width), begin)
                for shift, mine in zip(shifts, own, strict=True):
                    weights = builder.load(vector(table.data, builder.add(first, shift), singles), align=4)
                    product = builder.fmul(value, builder.fpext(weights, doubles))
                    builder.store(builder.fadd(builder.load(mine), product), mine)
            for one, mine in zip(kept, own, strict=True):
                builder.store(builder.load(mine), one, align=8)
            return context.get_dummy_value()

        return types.void(items, values, types.int64, rows, sums, types.int64), generate

    return Generated(add_rows, plain)


among = _among()
MANY, SOME, FEW = 12, 4, 2
add_many, add_some, add_few = _add_rows(MANY), _add_rows(SOME), _add_rows(FEW)
