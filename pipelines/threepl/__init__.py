"""Warehouse operators (3PL): their API or the files they drop over SFTP, behind the same contract door as Shopify."""
