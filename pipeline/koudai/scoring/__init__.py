"""Scoring: large sets of posts into alleged tags, shard by shard, so that a job that was stopped can be resumed."""
