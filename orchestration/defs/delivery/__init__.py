"""Write-back: one module a destination."""
