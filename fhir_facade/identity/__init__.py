"""Names that hide people: logical ids and page links are sealed, so that nobody learns a number from them."""
