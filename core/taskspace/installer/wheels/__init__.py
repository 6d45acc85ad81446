"""What a wheel or a source tree holds, and where its files would go."""
