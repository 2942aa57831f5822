"""Near-duplicates, compiled: equal posts by hash and comparison, similar ones by the rare shingles they share.

Promises: no hash is trusted: posts and shingles are equal if their characters are. Scratch memory of the longest post;
lists grow only where the caller makes room. All orders are those of the posts' own content.

Two sets of shingles whose Jaccard similarity is at least t share one of the rarest ``n - ceil(t n) + 1`` shingles of
each, n being the size of the set, whatever order says what is rare, if it is one order for all. Here it is how often a
shingle occurs, as far as 255 and as well as a table of counts without collision lists can tell, then its hash.

Source: Chaudhuri, Ganti & Kaushik 2006, "A primitive operator for similarity joins in data cleaning" (prefixes); Xiao
et al. 2008, "Efficient similarity joins for near duplicate detection" (what the places of a shared one still allow).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from koudai.text.compiled.jit import allocating, compiled, prefetch

SHINGLE = 5
"""Characters per shingle."""
u = np.uint64
_A, _B, _C = u(0x9E3779B97F4A7C15), u(0xC2B2AE3D27D4EB4F), u(0xD6E8FEB86659FD93)
_HALF, _SMALL, _RANK = u(32), u(8), u(56)
_ONE, _TWO = u(21), u(42)


class Index(NamedTuple):
    """Which posts hold a rare shingle.

    Attributes
    ----------
    keys, heads, sizes
        Open addressing: the shingle's key (0: free), its newest entry and how many there are.
    posts, places, nexts
        Entries: the post, the shingle's place among the rarest of the post, the entry before (-1: none).
    used
        How many entries there are, shape (1,).
    """

    keys: Any
    heads: Any
    sizes: Any
    posts: Any
    places: Any
    nexts: Any
    used: Any


class Scratch(NamedTuple):
    """The shingles of one post.

    Attributes
    ----------
    first, stamp, met
        Open addressing: where a shingle first occurs in the post; the post it is of; the last post it was met in.
    hashes, keys
        Hashes of the shingles, one after another; keys of the different ones.
    """

    first: Any
    stamp: Any
    met: Any
    hashes: Any
    keys: Any


@compiled
def mix(h: Any) -> Any:
    """Return `h` with every bit depending on every other."""
    h ^= h >> _HALF
    h *= _C
    h ^= h >> _HALF
    h *= _C
    return h ^ h >> _HALF


@compiled
def shingle_hash(codes: Any, at: Any) -> Any:
    """Return a hash of the shingle that begins at `at`."""
    low = u(codes[u(at)]) | u(codes[u(at + 1)]) << _ONE | u(codes[u(at + 2)]) << _TWO
    high = u(codes[u(at + 3)]) | u(codes[u(at + 4)]) << _ONE
    return mix(low * _A ^ high * _B)


@compiled
def hash_posts(codes: Any, starts: Any, stops: Any, hashes: Any) -> None:
    """Write a hash of each post."""
    for post in range(len(hashes)):
        h = u(0)
        for at in range(np.int64(starts[u(post)]), np.int64(stops[u(post)])):
            h = (h ^ u(codes[u(at)])) * _A
            h ^= h >> _HALF
        hashes[u(post)] = mix(h)


@compiled
def equal_characters(codes: Any, one: Any, other: Any, length: Any) -> Any:
    """Return whether `length` characters from `one` on are those from `other` on."""
    k = np.int64(0)
    while k < length and codes[u(one + k)] == codes[u(other + k)]:
        k += 1
    return k == length


@compiled
def first_of_equals(codes: Any, starts: Any, stops: Any, hashes: Any, table: Any, first: Any) -> None:
    """Write for each post the first one that is the same; `table` has a power of two of places, all -1."""
    mask = np.int64(len(table) - 1)
    for post in range(len(first)):
        place = np.int64(hashes[u(post)] >> _HALF) & mask
        begin, length = np.int64(starts[u(post)]), np.int64(stops[u(post)] - starts[u(post)])
        first[u(post)] = post
        while True:
            other = np.int64(table[u(place)])
            if other < 0:
                table[u(place)] = post
                break
            if (
                hashes[u(other)] == hashes[u(post)]
                and stops[u(other)] - starts[u(other)] == length
                and equal_characters(codes, begin, np.int64(starts[u(other)]), length)
            ):
                first[u(post)] = other
                break
            place = (place + 1) & mask


@compiled
def hash_shingles(codes: Any, begin: Any, end: Any, counts: Any, hashes: Any) -> Any:
    """Write the hashes of the shingles that begin from `begin` to `end`, and call for their counts."""
    for at in range(begin, end):
        h = shingle_hash(codes, at)
        hashes[u(at - begin)] = h
        prefetch(counts, h & u(len(counts) - 1))
    return max(end - begin, np.int64(0))


@compiled
def count_shingles(codes: Any, starts: Any, stops: Any, posts: Any, counts: Any, hashes: Any) -> None:
    """Count the shingles of `posts`, as far as 255; `counts` has a power of two of places, shared by collisions."""
    for number in range(len(posts)):
        post = np.int64(posts[u(number)])
        found = hash_shingles(codes, np.int64(starts[u(post)]), np.int64(stops[u(post)]) - SHINGLE + 1, counts, hashes)
        for k in range(found):
            place = hashes[u(k)] & u(len(counts) - 1)
            count = np.int64(counts[place])
            counts[place] = count + np.int64(count < 255)


@compiled
def root(parent: Any, post: Any) -> Any:
    """Return the first post of a group, and shorten the way to it."""
    while parent[u(post)] != post:
        parent[u(post)] = parent[u(parent[u(post)])]
        post = np.int64(parent[u(post)])
    return post


@compiled
def find_shingle(codes: Any, at: Any, h: Any, mask: Any, stamp: Any, scratch: Any) -> Any:
    """Return the place in `scratch` of the shingle at `at`, or of the free place where it would be."""
    place = h >> _HALF & mask
    while scratch.stamp[place] == stamp and not equal_characters(codes, np.int64(scratch.first[place]), at, SHINGLE):
        place = place + u(1) & mask
    return place


@compiled
def shared(codes: Any, span: Any, other: Any, mask: Any, stamp: Any, least: Any, scratch: Any) -> Any:
    """Return how many different shingles of `other` are among those in `scratch`; less than `least` may be too few.

    `span` is where its first shingle begins, and the end of those beginnings.
    """
    begin, end = span
    met = np.int64(0)
    for at in range(begin, end):
        if met + (end - at) < least:
            break
        place = find_shingle(codes, at, shingle_hash(codes, at), mask, stamp, scratch)
        if scratch.stamp[place] == stamp and scratch.met[place] != other:
            scratch.met[place] = other
            met += 1
    return met


@compiled
def find_key(keys: Any, key: Any) -> Any:
    """Return the place of `key` in a table of keys, or the free one where it would be."""
    mask = u(len(keys) - 1)
    place = mix(key) & mask
    while keys[place] != u(0) and keys[place] != key:
        place = place + u(1) & mask
    return place


@compiled
def rare_shingles(codes: Any, begin: Any, end: Any, post: Any, threshold: Any, counts: Any, scratch: Any) -> Any:
    """Put the different shingles of a post into `scratch`; return a mask of places, how many shingles there are, how
    many occur nowhere else, and how many are rare. Keys of those that occur nowhere else are the smallest.
    """
    room = np.int64(1)
    while room < 2 * (end - begin):
        room *= 2
    mask = u(room - 1)
    size, alone = np.int64(0), np.int64(0)
    for k in range(hash_shingles(codes, begin, end, counts, scratch.hashes)):
        at, h = begin + k, scratch.hashes[u(k)]
        place = find_shingle(codes, at, h, mask, post, scratch)
        if scratch.stamp[place] != post:
            scratch.stamp[place] = post
            scratch.first[place] = at
            scratch.met[place] = -1
            count = u(counts[h & u(len(counts) - 1)])
            scratch.keys[u(size)] = count << _RANK | h >> _SMALL
            size += 1
            alone += np.int64(count == u(1))
    return mask, size, alone, min(size, size - np.int64(np.ceil(threshold * size)) + 1)


@compiled
def count_shared(bare: Any, posts: Any, threshold: Any, counts: Any, scratch: Any, found: Any) -> None:
    """Write for each of `posts` how many of its rare shingles may occur elsewhere; `bare` is a `Bare`."""
    codes, starts, stops = bare.codes, bare.starts, bare.stops
    for number in range(len(posts)):
        post = np.int64(posts[u(number)])
        begin, end = np.int64(starts[u(post)]), np.int64(stops[u(post)]) - SHINGLE + 1
        _, _, alone, rare = rare_shingles(codes, begin, end, post, threshold, counts, scratch)
        found[u(number)] = max(rare - alone, 0)


@allocating
def join_similar(bare: Any, order: Any, limits: Any, counts: Any, groups: Any, index: Any, scratch: Any) -> None:
    """Compare the posts of `order` with those before them, join the similar ones, and enter them into the index.

    `bare` is a `Bare`; `limits` is the threshold, how many posts one rare shingle leads to, and how many one post is
    compared with in full; `groups` are the parent, the number of shingles and the last post compared with of each post.
    """
    codes, starts, stops = bare.codes, bare.starts, bare.stops
    threshold, listed, most_compared = limits
    parent, sizes, last = groups
    for number in range(len(order)):
        post = np.int64(order[u(number)])
        begin, end = np.int64(starts[u(post)]), np.int64(stops[u(post)]) - SHINGLE + 1
        mask, size, alone, rare = rare_shingles(codes, begin, end, post, threshold, counts, scratch)
        sizes[u(post)] = size
        scratch.keys[:size].sort()
        compared = np.int64(0)
        for k in range(alone, rare):
            place = find_key(index.keys, scratch.keys[u(k)])
            if index.keys[place] == u(0):
                index.keys[place] = scratch.keys[u(k)]
                index.heads[place] = -1
            entry = np.int64(index.heads[place])
            while entry >= 0 and compared < most_compared:
                other = np.int64(index.posts[u(entry)])
                if last[u(other)] != post:
                    last[u(other)] = post
                    both = size + np.int64(sizes[u(other)])
                    most = min(size - k, np.int64(sizes[u(other)]) - np.int64(index.places[u(entry)]))
                    if most >= threshold * (both - most):
                        one, two = root(parent, post), root(parent, other)
                        if one != two:
                            compared += 1
                            least = np.int64(threshold * both / (1.0 + threshold))
                            start, stop = np.int64(starts[u(other)]), np.int64(stops[u(other)]) - SHINGLE + 1
                            met = shared(codes, (start, stop), other, mask, post, least, scratch)
                            if met >= threshold * (both - met):
                                parent[u(max(one, two))] = min(one, two)
                entry = np.int64(index.nexts[u(entry)])
            if index.sizes[place] < listed:
                entry = np.int64(index.used[0])
                index.posts[u(entry)] = post
                index.places[u(entry)] = k
                index.nexts[u(entry)] = index.heads[place]
                index.heads[place] = entry
                index.sizes[place] += 1
                index.used[0] += 1


@compiled
def settle_groups(parent: Any) -> None:
    """Write for each post the first post of its group."""
    for post in range(len(parent)):
        parent[u(post)] = parent[u(parent[u(post)])]
