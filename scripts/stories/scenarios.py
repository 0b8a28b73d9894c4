"""What the stories are about: parties, terms, and meters with the readings that they would have."""

import datetime
import math
import random
import zoneinfo

BUSINESS = {
    "SunGrid": ("SunGrid Erzeugungs GmbH", "Linz", "AT", "ATU10000001", "AT611904300234573201", "BKAUATWW"),
    "Homes": ("Wohnbau Süd eGen", "Graz", "AT", "ATU10000002", "AT483200000012345864", "RLNWATWW"),
    "Wires": ("Netz & Leitung AG", "Vienna", "AT", "ATU10000003", "AT022011100003429660", "GIBAATWW"),
    "Care": ("Anlagenpflege Müller OG", "Wels", "AT", "ATU10000004", "AT021420020010147558", "EASYATW1"),
    "Bank": ("Prüf- und Treuhandbank", "Vienna", "AT", "ATU10000005", "AT291400000987654321", "BAWAATWW"),
    "Springs": ("Quellwasser Genossenschaft", "Chur", "CH", "CHE-100.000.001", "CH9300762011623852957", "UBSWCHZH"),
    "Town": ("Gemeinde Bergdorf", "Bergdorf", "CH", "CHE-100.000.002", "CH5604835012345678009", "CRESCHZZ"),
    "Sewer": ("Abwasserverband Tal", "Ilanz", "CH", "CHE-100.000.003", "CH3908704016075473007", "VABECH22"),
    "Meters": ("Zählerdienst AG", "Thusis", "CH", "CHE-100.000.004", "CH9889144618636429548", "KBAGCH22"),
    "Trust": ("Treuhand Graubünden AG", "Chur", "CH", "CHE-100.000.005", "CH9789144829733648596", "GRKBCH22"),
}


class Scenario:
    def __init__(self, name, parties, zone, currency, header, schema, devices, terms, modulus=None, by_mqtt=False):
        self.name = name
        self.operator, self.consumer, self.verifier, self.transport, self.care = parties
        self.parties = parties
        self.zone = zoneinfo.ZoneInfo(zone)
        self.zone_name = zone
        self.currency = currency
        self.header = header
        self.schema = schema
        self.devices = devices
        self.terms = terms
        self.modulus = modulus
        self.by_mqtt = by_mqtt
        self.first = datetime.date(2026, 3, 1)
        self.until = datetime.date(2026, 4, 6)
        self.lost = datetime.date(2026, 3, 10)
        self.broken_from = datetime.date(2026, 3, 12)

    def hours(self, day):
        """The hours of a local day, 23 to 25, as UTC times."""
        at = datetime.datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp()
        next_day = day + datetime.timedelta(days=1)
        end = datetime.datetime(next_day.year, next_day.month, next_day.day, tzinfo=self.zone).timestamp()
        while at < end:
            yield int(at)
            at += 3600

    def days(self):
        day = self.first
        while day < self.until:
            yield day
            day += datetime.timedelta(days=1)


def solar_readings(scenario, number, real):
    """Wh of each hour; a roof of a size of its own, clouds by chance. `real`: 24 hours that are repeated instead."""
    dice = random.Random(1000 + number)
    size = 3 + number % 5
    for day in scenario.days():
        clouds = dice.uniform(0.3, 1)
        for at in scenario.hours(day):
            hour = datetime.datetime.fromtimestamp(at, scenario.zone).hour
            sun = max(0.0, math.sin((hour - 6) / 13 * math.pi)) if 6 <= hour < 19 else 0.0
            value = real[hour % len(real)] if real else int(size * 1000 * sun * clouds * dice.uniform(0.85, 1))
            yield day, at, str(value)


def water_readings(scenario, number, real):
    """The counter in m3 at each hour, with three decimals; meter 4 begins again at 0 in the third week."""
    dice = random.Random(2000 + number)
    counter = 9_985_000 if number == 4 else 100_000 * number  # in liters
    for day in scenario.days():
        for at in scenario.hours(day):
            hour = datetime.datetime.fromtimestamp(at, scenario.zone).hour
            use = real[hour % len(real)] if real else int(dice.uniform(0, 2) * (60 if 5 <= hour < 22 else 8))
            counter = (counter + use) % (scenario.modulus * 1000)
            yield day, at, f"{counter // 1000}.{counter % 1000:03}"


SOLAR_TERMS = '''
[[fields]]
field = "energy"
unit = "Wh"
measure = "SUM"
tolerance_percent = "0.5"

[reconciliation]
cloud = "OPTIONAL"
window_minutes = 60
on_mismatch = "DEVICE"

[[tariff]]
name = "Solar energy"
kind = "QUANTITY"
field = "energy"
base = "1000"
prices = [{ from = "0", price = "0.10750" }, { from = "400000", price = "0.08925" }]
escalator = { percent = "2.5", first = 2026-04-01 }
tax = { category = "S", percent = "20" }

[[tariff]]
name = "Measuring point"
kind = "FEE"
per = "YEAR_BY_365"
each_device = true
price = "18.90"
tax = { category = "S", percent = "20" }

[[tariff]]
name = "Site lease"
kind = "FEE"
per = "YEAR_BY_MONTHS"
price = "240"
tax = { category = "E", percent = "0", reason = "Lease of land" }

[[tariff]]
name = "Transport"
kind = "QUANTITY"
field = "energy"
base = "1000"
price = "0.0312"
provider = "Wires"
tax = { category = "S", percent = "20" }

[[payees]]
organization = "SunGrid"
percent = "92.5"

[[payees]]
organization = "Care"
percent = "7.5"
'''

WATER_TERMS = '''
[[fields]]
field = "volume"
unit = "m3"
measure = "REGISTER_DIFFERENCE"
modulus = "10000"
tolerance_percent = "1"

[reconciliation]
cloud = "OPTIONAL"
window_minutes = 120
on_mismatch = "LOWER"

[[tariff]]
name = "Drinking water"
kind = "QUANTITY"
field = "volume"
prices = [{ from = "0", price = "1.85" }, { from = "20", price = "2.10" }]
tax = { category = "S", percent = "2.6" }

[[tariff]]
name = "Base fee"
kind = "FEE"
per = "MONTH"
each_device = true
price = "8.35"
tax = { category = "S", percent = "8.1" }

[[tariff]]
name = "Minimum take"
kind = "MINIMUM_TAKE"
field = "volume"
quantity = "100"
price = "1.85"
tax = { category = "S", percent = "2.6" }

[[tariff]]
name = "Sewage"
kind = "QUANTITY"
field = "volume"
price = "1.40"
provider = "Sewer"
tax = { category = "S", percent = "8.1" }

[[payees]]
organization = "Springs"
percent = "85"

[[payees]]
organization = "Meters"
percent = "15"
'''

SCENARIOS = {
    "solar": (Scenario("solar", ("SunGrid", "Homes", "Bank", "Wires", "Care"), "Europe/Vienna", "EUR",
                       "time,energy_Wh", "roof", 20, SOLAR_TERMS), solar_readings),
    "water": (Scenario("water", ("Springs", "Town", "Trust", "Sewer", "Meters"), "Europe/Zurich", "CHF",
                       "time,volume_m3", "counter", 12, WATER_TERMS, modulus=10_000, by_mqtt=True), water_readings),
}
