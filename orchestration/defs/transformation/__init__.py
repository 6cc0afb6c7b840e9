"""dbt models, scores and the read copy."""
