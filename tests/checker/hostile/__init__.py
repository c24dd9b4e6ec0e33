"""Trees that mean harm, and what measures an audit of them."""
