"""Segmentation as jieba does it: dictionary, trie, kernels, the segmenter."""
