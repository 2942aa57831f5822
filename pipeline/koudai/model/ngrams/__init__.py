"""N-grams: learnt from posts, looked up in posts, and weighed; loops are compiled, in the files named ``*_kernels``.

Who calls whom, from the top:

* `blocks`: blocks of features, of words and of characters; learns them with `learning` and `tfidf.choose`, counts them
  with `counting`, weighs them with `tfidf.weigh`.
* `learning`: every n-gram of some posts, found by sorting all places of them. It keeps no table but the words it meets,
  which it numbers in a tree of `growing`.
* `counting`: a `Vocabulary`, the n-grams that are known already, counted in posts or added up to decisions.
* `tfidf`: which n-grams become features, and what a count weighs.

A vocabulary goes through three tables:

1. *grow*: `growing.tree_of_terms` plants terms, and stop words before them, into an `NgramTree`: each n-gram is a node
   below the n-gram without its last symbol; two hash tables, of words and of steps, that `growing.grown` makes larger.
2. *pack*: `growing.packed` makes a `Lookup` of the tree: nodes renumbered so that features come first, steps of eight
   bytes each, nothing to grow.
3. *look up*: `lookup_kernels` finds the words and n-grams of a post in the `Lookup`; `counting_kernels` counts them in
   a `CountingScratch`, memory for one post that is used for all.
"""
