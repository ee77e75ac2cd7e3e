"""May they?  The answer is a value: what a caller is allowed, which narrows a search before and checks it after."""
