"""Files of meters' portals on the command line: shipped profiles, profiles of one's own, options, and the check of a file.

Values in the samples are made up; expected moments come from Python's zoneinfo."""

import datetime
import json
import pathlib
import tempfile
import unittest
import zoneinfo

from node_under_test import tally


def moment(text, zone="UTC"):
    local = datetime.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone))
    return f"{local.astimezone(datetime.timezone.utc):%Y-%m-%dT%H:%M:%S}.000Z"


# Of each profile: its options, a file, its fields with unit and scale, first and last moment.
VIENNA, BRUSSELS, MADRID = "Europe/Vienna", "Europe/Brussels", "Europe/Madrid"
SAMPLES = {
    "linz-netz": ([], "Datum von;Datum bis;Energiemenge in kWh;Ersatzwert\n26.10.2025 00:00;26.10.2025 00:15;0,010;\n"
                  "26.10.2025 00:15;26.10.2025 00:30;1,5;E\n",
                  [("energy", "Wh", 1)], moment("2025-10-26 00:00", VIENNA), moment("2025-10-26 00:15", VIENNA)),
    "netz-noe": ([], "Messzeitpunkt;Verbrauch (kWh);Qualität\n01.05.2026 00:15;0,25;L1\n01.05.2026 00:30;0,125;L2\n",
                 [("energy", "Wh", 0)], moment("2026-05-01 00:00", VIENNA), moment("2026-05-01 00:15", VIENNA)),
    "wiener-netze": ([], "Datum;Zeit von;Zeit bis;Verbrauch [kWh]\n01.05.2026;00:00:00;00:15:00;0,045\n"
                     "01.05.2026;23:45:00;00:00:00;0,1\n",
                     [("energy", "Wh", 0)], moment("2026-05-01 00:00", VIENNA), moment("2026-05-01 23:45", VIENNA)),
    "fluvius": ([], "\ufeffVan (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN-code;Register;Volume;Eenheid\n"
                "26-10-2025;00:00:00;26-10-2025;00:15:00;=\"541000000000000001\";Afname Nacht;0,012;kWh\n"
                "26-10-2025;00:00:00;26-10-2025;00:15:00;=\"541000000000000001\";Injectie Nacht;0,5;kWh\n"
                "26-10-2025;00:00:00;26-10-2025;01:00:00;=\"541000000000000002\";Volume;7,5;m3\n"
                "26-10-2025;07:00:00;26-10-2025;07:15:00;=\"541000000000000001\";Afname Dag;0,25;kWh\n",
                [("offtake", "Wh", 0), ("injection", "Wh", 2)],
                moment("2025-10-26 00:00", BRUSSELS), moment("2025-10-26 07:00", BRUSSELS)),
    "enphase": (["--zone", "America/New_York"], "Date/Time,Energy Produced (Wh)\n10/02/2025 00:00,12\n10/02/2025 00:15,7\n",
                [("energy", "Wh", 0)], moment("2025-10-02 00:00", "America/New_York"),
                moment("2025-10-02 00:15", "America/New_York")),
    "pge": ([], "Name,Customer\nAccount,1\n\nTYPE,DATE,START TIME,END TIME,USAGE (kWh),NOTES\n"
            "Electric usage,2025-10-26,00:00,00:59,0.29,\nElectric usage,2025-10-26,01:00,01:59,0.3,\n",
            [("energy", "Wh", 1)], moment("2025-10-26 00:00", "America/Los_Angeles"),
            moment("2025-10-26 01:00", "America/Los_Angeles")),
    "con-edison": ([], "Name,Customer\nAddress,\"1 Main St, NY\"\n\nTYPE,DATE,START TIME,END TIME,USAGE,UNITS,COST,NOTES\n"
                   "Electric usage,2025-10-26,00:00,00:14,0.07,kWh,$0.02,\n"
                   "Gas usage,2025-10-26,00:00,00:14,0.5,therms,$0.02,\n",
                   [("energy", "Wh", 1)], moment("2025-10-26 00:00", "America/New_York"),
                   moment("2025-10-26 00:00", "America/New_York")),
    "octopus": ([], "Consumption (kwh), Estimated Cost (p), Start, End\n"
                "0.25, 4.1, 2025-10-26T00:00:00+01:00, 2025-10-26T00:30:00+01:00\n",
                [("energy", "Wh", 1)], moment("2025-10-25 23:00"), moment("2025-10-25 23:00")),
    "home-assistant-history": (["--where", "entity_id=sensor.power", "--columns", "state=power_W"],
                               "entity_id,state,last_changed\nsensor.power,410.2,2025-10-26T00:00:00.512Z\n"
                               "sensor.door,on,2025-10-26T00:01:00.000Z\n"
                               "sensor.power,unavailable,2025-10-26T00:05:00.100Z\n",
                               [("power", "W", -1)], moment("2025-10-26 00:00"), moment("2025-10-26 00:05")),
    "uci-household": (["--utc"], "Date;Time;Global_active_power;Global_reactive_power;Voltage;Global_intensity;"
                      "Sub_metering_1;Sub_metering_2;Sub_metering_3\n"
                      "1/2/2007;17:24:00;4.216;0.418;234.840;18.400;0.000;1.000;17.000\n1/2/2007;17:25:00;?;?;?;?;?;?;\n",
                      [("active_power", "W", 0), ("reactive_power", "var", 0), ("voltage", "V", -2),
                       ("current", "A", -1), ("kitchen", "Wh", 0), ("laundry", "Wh", 0), ("heating", "Wh", 0)],
                      moment("2007-02-01 17:24"), moment("2007-02-01 17:25")),
    "enedis": ([], "Horodate;Valeur\n2025-10-26T00:30:00+02:00;412\n2025-10-26T01:00:00+02:00;398\n",
               [("power", "W", 0)], moment("2025-10-25 22:00"), moment("2025-10-25 22:30")),
    "fingrid-datahub": ([], "\ufeffMittauspisteen tunnus;Tuotteen tyyppi;Resoluutio;Yksikkötyyppi;Lukeman tyyppi;Alkuaika;"
                        "Määrä;Laatu\n643000000000000001;8716867000030;PT15M;kWh;BN01;2025-10-25T21:00:00Z;0,071000;OK\n",
                        [("energy", "Wh", 0)], moment("2025-10-25 21:00"), moment("2025-10-25 21:00")),
    "shelly-em": ([], "Date/time UTC,Active energy Wh,Returned energy Wh,Min V,Max V\n2025-10-26 00:00,4.9,0.0,229.1,231.3\n",
                  [("energy", "Wh", -1), ("returned", "Wh", 0), ("voltage_min", "V", -1), ("voltage_max", "V", -1)],
                  moment("2025-10-26 00:00"), moment("2025-10-26 00:00")),
    "sma-csv3": ([], "sep=;\nVersion CSV3\n\ntime;p\n[UTC];[W]\n26.10.2025 00:00:00;12\n",
                 [("p", "W", 0)], moment("2025-10-26 00:00"), moment("2025-10-26 00:00")),
    "e-distribucion": ([], "CUPS;Fecha;Hora;AE_kWh;REAL/ESTIMADO\nES1;26/10/2025;1;0,12;R\nES1;26/10/2025;25;0,5;R\n",
                       [("energy", "Wh", 1)], moment("2025-10-26 00:00", MADRID), moment("2025-10-26 23:00", MADRID)),
    "e-distribuzione": ([], "Giorno;00:00-00:15;00:15-00:30\n26/10/2025;0,12;0,5\n27/10/2025;0,1;0,2\n",
                        [("energy", "Wh", 1)], moment("2025-10-26 00:00", "Europe/Rome"),
                        moment("2025-10-27 00:15", "Europe/Rome")),
    "datadis": ([], "cups;fecha;hora;consumo_kWh;metodoObtencion\nES1;2026/05/01;01:00;0,12;Real\n"
                "ES1;2026/05/01;24:00;0,5;Real\n",
                [("energy", "Wh", 1)], moment("2026-05-01 00:00", MADRID), moment("2026-05-01 23:00", MADRID)),
}


class MeterFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        tally("device", "new", cls.folder / "meter")

    def write(self, text, name="meter.csv"):
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def check(self, text, *options, expect=0):
        done = tally("--json", "device", "csv-check", self.write(text), *options, expect=expect)
        return json.loads(done.stdout)

    def details(self, text, *options):
        return [problem["detail"] for problem in self.check(text, *options, expect=1)["problems"]]

    def test_every_shipped_profile_reads_its_sample(self):
        shipped = json.loads(tally("--json", "device", "csv-profiles").stdout)
        self.assertEqual({profile["name"] for profile in shipped}, set(SAMPLES))
        for name, (options, text, fields, first, last) in SAMPLES.items():
            with self.subTest(name):
                told = self.check(text, "--csv-profile", name, *options)
                self.assertEqual([(each["name"], each["unit"], each["scale"]) for each in told["fields"]], fields)
                self.assertEqual((told["first"], told["last"]), (first, last))
                self.assertEqual(told["problems"], [])

    def test_a_profile_of_ones_own_starts_from_a_shipped_one(self):
        text = tally("device", "csv-profiles", "enphase").stdout
        profile = self.write(text + '"Consumed (kWh)" = "used_kWh"\n', "mine.toml")
        told = self.check("Date/Time,Energy Produced (Wh),Consumed (kWh)\n10/26/2025 00:00,12,0.5\n",
                          "--csv-profile", profile, "--utc")
        self.assertEqual([each["name"] for each in told["fields"]], ["energy", "used"])

    def test_a_profile_that_is_wrong_is_refused_with_its_key(self):
        for text, part in (('decimals = ","', '"decimals": no such key'), ('decimal = 5', '"decimal": a text'),
                           ('zone = "Europe/Nowhere"', '"zone"'), ('label = "middle"', '"start" or "end"'),
                           ('time_format = "dd.mm"', "there are auto, ymd, dmy"), ('grouping = "."', "decimal sign"),
                           ('[series]\ncolumn = "a"', '"value"'), ('skip_lines = -1', "from 0 to"), ("x", "line 1"),
                           ('encoding = "ebcdic"', "there are auto, utf-8"), ('ignore = [1]', "list of texts")):
            with self.subTest(text):
                done = tally("device", "csv-check", self.write("time,x\n"), "--csv-profile", self.write(text, "bad.toml"),
                             expect=1)
                self.assertIn(part, done.stderr)
                self.assertIn("bad.toml", done.stderr)
        done = tally("device", "csv-check", self.write("time,x\n"), "--csv-profile", "nowhere", expect=3)
        self.assertIn("csv-profiles lists them", done.stderr)

    def test_options_go_before_the_profile(self):
        text = SAMPLES["linz-netz"][1].replace(",", ".")
        told = self.check(text, "--csv-profile", "linz-netz", "--decimal", ".", "--utc",
                          "--columns", "Energiemenge in kWh=used_kWh")
        self.assertEqual((told["first"], told["fields"][0]["name"]), (moment("2025-10-26 00:00"), "used"))

    def test_what_is_ambiguous_is_refused_with_the_option_that_settles_it(self):
        head = "time,power_W\n"
        for text, part, options in (
                (head + "01/05/2026 00:00,1\n", "--time-format dmy", ["--time-format", "dmy", "--utc"]),
                (head + "2026-05-01 00:00,1\n", "--zone", ["--zone", VIENNA]),
                (head + "1761436800000,1\n", "--time-format epoch_ms", ["--time-format", "epoch_ms"]),
                (head + "20260501,1\n", "--time-format compact", ["--time-format", "compact", "--utc"]),
                ("time;power_W\n1777593600;1,234\n", "--decimal", ["--decimal", ",", ]),
                ("Meter 5\n\n" + head + "1777593600,1\n", "--skip-lines 2", ["--skip-lines", "2"]),
                ("1777593600,1\n", "--header", ["--header", "time,power_W"]),
                (head + "1777593600,-9999\n", "--missing -9999", ["--missing", "-9999"]),
                ("time,power_W,note\n1777593600,1,ok\n", "--ignore", ["--ignore", "note"]),
                ("time,power (hp)\n1777593600,1\n", "--columns", ["--columns", "power (hp)=power_hp"])):
            with self.subTest(part):
                problems = self.details(text)
                self.assertTrue(any(part in problem for problem in problems), problems)
                self.assertTrue(self.check(text, *options)["readable"])

    def test_all_problems_come_at_once_with_their_lines(self):
        rows = "".join(f"2026-05-01T00:{minute:02}:00Z,{'x' if minute % 20 == 7 else minute}\n" for minute in range(60))
        told = self.check("time,power_W\n" + rows, expect=1)
        self.assertEqual([problem["detail"][:7] for problem in told["problems"]], ["line 9,", "line 29", "line 49"])
        self.assertEqual((told["report"]["rows"], told["report"]["gaps"]), (57, 3))
        shown = tally("device", "csv-check", self.folder / "meter.csv", expect=1).stdout
        self.assertIn("line 29, column \"power_W\": \"x\" is no number", shown)
        self.assertIn("delimiter", shown)

    def test_the_check_and_the_reader_agree(self):
        csv = self.write(SAMPLES["pge"][1])
        tally("device", "sign", self.folder / "meter", "--csv", csv, "--csv-profile", "pge", "--zone", "UTC", "--out",
              self.folder / "records")
        self.assertEqual(len(list((self.folder / "records").iterdir())), 1)
        done = tally("device", "sign", self.folder / "meter", "--csv", csv, "--out", self.folder / "none", expect=1)
        self.assertIn("--skip-lines 3", done.stderr)

    def test_green_button(self):
        feed = ('<feed xmlns="http://www.w3.org/2005/Atom" xmlns:e="http://naesb.org/espi"><entry><content><e:IntervalBlock>'
                '<e:IntervalReading><e:ReadingQuality><e:quality>8</e:quality></e:ReadingQuality><e:timePeriod>'
                '<e:duration>900</e:duration><e:start>1777593600</e:start></e:timePeriod><e:value>86400</e:value>'
                '</e:IntervalReading></e:IntervalBlock></content></entry></feed>')
        sign = ("device", "sign", self.folder / "meter", "--green-button", self.write(feed, "usage.xml"), "--out",
                self.folder / "green")
        self.assertIn("--reading-type", tally(*sign, expect=1).stderr)
        self.assertIn("UOM:POWER is expected", tally(*sign, "--reading-type", "72", expect=1).stderr)
        told = json.loads(tally("--json", *sign, "--reading-type", "72:-3").stdout)
        self.assertEqual((told["report"]["rows"], told["report"]["estimated"], len(told["files"])), (1, 1, 1))
        tally(*sign, "--csv", self.folder / "usage.xml", expect=2)

    def test_days_of_23_and_25_hours(self):
        quarters = [(hour, quarter) for hour in range(24) for quarter in (0, 15, 30, 45)]
        back = [each for each in quarters if each[0] < 3] + [each for each in quarters if each[0] >= 2]
        def text(day, rows):
            return "time;x_kWh\n" + "".join(f"{day}.2026 {hour:02}:{quarter:02};0,5\n" for hour, quarter in rows)
        told = self.check(text("25.10", back), "--zone", VIENNA)
        self.assertEqual((told["report"]["rows"], told["report"]["gaps"], told["doubt_count"]), (100, 0, 8))
        problems = self.details(text("29.03", quarters), "--zone", VIENNA)
        self.assertEqual([problem.split(":")[0] for problem in problems], ["line 10", "line 11", "line 12", "line 13"])
        self.assertEqual(self.check(text("29.03", [each for each in quarters if each[0] != 2]), "--zone",
                                    VIENNA)["report"]["gaps"], 0)
        problems = self.details(text("25.10", quarters), "--zone", VIENNA)
        self.assertIn("which one is meant is unknown", problems[0])


if __name__ == "__main__":
    unittest.main()
