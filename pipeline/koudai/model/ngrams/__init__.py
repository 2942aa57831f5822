"""N-grams: learning, counting and weighing them, compiled."""
