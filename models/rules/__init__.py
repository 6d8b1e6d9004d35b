"""The manual's numbers and predicates: standard library only, one predicate per rule, named as a sentence."""
