"""Nordlager's folder: files as its two warehouses write them, and the SFTP server that gives them out."""
