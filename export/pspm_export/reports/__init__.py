"""Tables of formats and operators."""
