"""Files that a warehouse operator leaves on an SFTP server: which are new, whole and consistent, and what they say."""
