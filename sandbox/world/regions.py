"""Where customers live, and the taxes that hold there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Region:
    """A place with its sales taxes: (title, parts per million on standard goods, on reduced goods)."""

    country: str
    country_name: str
    province: str
    province_code: str | None
    city: str
    zip_prefix: str
    taxes: tuple[tuple[str, int, int], ...]
    shipping_taxed: bool
    locale: str
    calling_code: str


def _us(province: str, code: str, city: str, zip_prefix: str, shipping_taxed: bool, *taxes: tuple[str, int]) -> Region:
    lines = tuple((title, rate, rate) for title, rate in taxes)
    return Region("US", "United States", province, code, city, zip_prefix, lines, shipping_taxed, "en", "+1212555")


def _eu(country: str, name: str, province: str, city: str, zip_prefix: str, title: str, standard: int, reduced: int,
        locale: str, calling_code: str) -> Region:  # fmt: skip
    taxes = ((title, standard, reduced),)
    return Region(country, name, province, None, city, zip_prefix, taxes, True, locale, calling_code)


REGIONS: tuple[tuple[Region, ...], ...] = (
    (
        _us("New York", "NY", "Brooklyn", "112", True, ("New York State Tax", 40_000), ("Kings County Tax", 48_750)),
        _us("California", "CA", "Oakland", "946", False, ("California State Tax", 72_500)),
        _us("Texas", "TX", "Austin", "787", True, ("Texas State Tax", 62_500), ("Austin City Tax", 20_000)),
        _us("Florida", "FL", "Miami", "331", True, ("Florida State Tax", 60_000)),
        _us("Washington", "WA", "Seattle", "981", True, ("Washington State Tax", 65_000)),
        _us("Illinois", "IL", "Chicago", "606", False, ("Illinois State Tax", 62_500)),
        _us("Massachusetts", "MA", "Boston", "021", False, ("Massachusetts State Tax", 62_500)),
        _us("Oregon", "OR", "Portland", "972", False),
        _us("Pennsylvania", "PA", "Philadelphia", "191", True, ("Pennsylvania State Tax", 60_000)),
        _us("Georgia", "GA", "Atlanta", "303", True, ("Georgia State Tax", 40_000)),
        _us("Colorado", "CO", "Denver", "802", False, ("Colorado State Tax", 29_000)),
        _us("New Jersey", "NJ", "Hoboken", "070", True, ("New Jersey State Tax", 66_250)),
    ),
    (
        _eu("DE", "Germany", "Berlin", "Berlin", "101", "MwSt", 190_000, 70_000, "de", "+4930555"),
        _eu("DE", "Germany", "Hamburg", "Hamburg", "203", "MwSt", 190_000, 70_000, "de", "+4940555"),
        _eu("DE", "Germany", "Bayern", "München", "803", "MwSt", 190_000, 70_000, "de", "+4989555"),
        _eu("DE", "Germany", "Sachsen", "Leipzig", "041", "MwSt", 190_000, 70_000, "de", "+4934555"),
        _eu("DE", "Germany", "Nordrhein-Westfalen", "Köln", "506", "MwSt", 190_000, 70_000, "de", "+4922555"),
        _eu("DE", "Germany", "Hessen", "Frankfurt am Main", "603", "MwSt", 190_000, 70_000, "de", "+4969555"),
        _eu("AT", "Austria", "Wien", "Wien", "10", "USt", 200_000, 100_000, "de", "+4315550"),
        _eu("FR", "France", "Île-de-France", "Paris", "750", "TVA", 200_000, 55_000, "fr", "+3315550"),
    ),
)
# Cumulative shares of a shop's customers by region.
REGION_SHARES: tuple[tuple[float, ...], ...] = (
    (0.20, 0.36, 0.48, 0.58, 0.65, 0.72, 0.78, 0.82, 0.88, 0.93, 0.96, 1.0),
    (0.26, 0.40, 0.53, 0.62, 0.76, 0.84, 0.92, 1.0),
)
# The shops' own towns, where walk-in sales are taxed.
HOME_REGION = (0, 0)
