"""The executor `ray`: a plugin of its own, and ray the extra that it needs."""
