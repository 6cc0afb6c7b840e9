"""From the door into the raw tables: files are landed, then one transaction replaces rows and closes their window.

`load.load` is the way in for windows that were read now, `resubmit.resubmit` for rows that were rejected before.
"""
