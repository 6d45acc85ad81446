"""What lies in a folder of images: which files are images, which are not read, and why."""
