"""Orders, payments and inventories in models of their own."""
