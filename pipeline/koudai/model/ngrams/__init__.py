"""N-grams: learnt from posts, looked up in posts, and weighted; loops are compiled, in the files named ``*_kernels``.

Who calls whom, from the top:

* `blocks`: blocks of features, of words and of characters; learns them with `learning` and `tfidf.choose`, counts them
  with `counting`, weighs them with `tfidf.weigh`.
* `learning`: every n-gram of some posts, found by sorting all their positions. Its only table is that of the distinct
  words, which are numbered in a tree of `growing`.
* `counting`: a `Vocabulary`, a fixed list of n-grams, counted in posts or summed to decisions.
* `tfidf`: selection of n-grams as features, and weights of counts.

A vocabulary goes through three tables:

1. *grow*: `growing.tree_of_terms` inserts terms, after stop words, into an `NgramTree`: each n-gram is a child of the
   n-gram without its last symbol. It has two hash tables, of words and of edges, which `growing.grown` enlarges.
2. *pack*: `growing.packed` makes a `Lookup` of the tree: nodes are renumbered so that features come first, and each
   edge takes eight bytes; it cannot grow.
3. *look up*: `lookup_kernels` finds the words and n-grams of a post in the `Lookup`; `counting_kernels` counts them in
   a `CountingScratch`, scratch memory for one post that is reused.
"""
