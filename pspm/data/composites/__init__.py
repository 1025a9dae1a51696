"""Fixed composites of foregrounds over backgrounds, as Composition-1k and Distinctions-646 make theirs."""
