"""Customer scores: fitted models with evidence, or a reason why there are none.

    intermediate.int_customers__purchase_history --cells--> BG/NBD, Gamma-Gamma --> scores.model_fits
    intermediate.int_customers__purchase_days ----cut-----> backtest                scores.purchase_cells
                                                                                    scores.backtests, _bins, _weeks

A customer enters the models as (frequency, recency, age) and as (frequency, mean value). Customers who share these
numbers share a score, so the warehouse groups them into cells, the fit runs on the cells, and dbt joins the scores back
by cell: the cost grows with distinct cells and not with customers.

Run it alone, after a dbt build: `python -m pipelines.scores`.
"""
