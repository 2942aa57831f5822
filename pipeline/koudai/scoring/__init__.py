"""Scoring: large sets of posts into alleged tags, shard by shard, so that whatever stops on the way can go on."""
