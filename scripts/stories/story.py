#!/usr/bin/env python3
"""From signed readings to money that all parties agree on, step by step, on a consortium of five organizations.

    scripts/story solar     roofs, priced by the kilowatt hour; a month with a day of 23 hours
    scripts/story water     counters, one of which begins again at 0; francs, rounded to 5 centimes. Records come by MQTT

Everything is done with `tally`, as its users would. What is shown ends in DIR/story.json.
"""

import argparse
import csv
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tests/e2e")]
import bank
from browser import Browser
from mqtt_broker import MOSQUITTO, Broker
from ports import free_ports
from scenarios import BUSINESS, SCENARIOS

BOLD, DIM, RESET = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if sys.stdout.isatty() else ("", "", "")


class Story:
    def __init__(self, options):
        self.scenario, self.readings = SCENARIOS[options.scenario]
        self.tally_program = os.path.abspath(options.tally)
        self.folder = pathlib.Path(options.directory or f"story-{options.scenario}")
        self.network = self.folder / "network"
        self.keep = options.keep
        self.count = options.devices or self.scenario.devices
        self.real = real_hours(options.csv) if options.csv else None
        self.number = 0
        self.facts = {"scenario": self.scenario.name, "devices": self.count}
        self.started = time.monotonic()
        self.statements = 0
        self.broker = None
        self.pictures = options.pictures

    # What people see.

    def step(self, text):
        self.number += 1
        print(f"\n{BOLD}{self.number}. {text}{RESET}", flush=True)

    def tell(self, text):
        print(f"   {text}", flush=True)

    def progress(self, what, done, all_of_them):
        if not sys.stdout.isatty():
            return
        width = 30 * done // max(all_of_them, 1)
        end = "\n" if done == all_of_them else ""
        print(f"\r   {what} [{'#' * width}{'.' * (30 - width)}] {done}/{all_of_them}", end=end, flush=True)

    # How things are done.

    def profile(self, organization, member="admin"):
        return self.network / "organizations" / organization / "members" / member / "profile.toml"

    def tally(self, *arguments, as_=None, show=True, expect=0):
        command = [self.tally_program, *map(str, arguments)]
        environment = dict(os.environ)
        if as_:
            environment["TALLY_PROFILE"] = str(self.profile(as_))
        if show:
            print(f"{DIM}   {as_ + ': ' if as_ else ''}$ tally {shlex.join(map(str, arguments))}{RESET}", flush=True)
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode != expect:
            sys.exit(f"tally {' '.join(map(str, arguments))} exits with {done.returncode}:\n{done.stdout}{done.stderr}")
        if show:
            for line in (done.stdout + (done.stderr if expect else "")).rstrip().splitlines():
                print(f"     {line}")
        return done.stdout

    def answer(self, *arguments, as_=None, expect=0):
        """The same for programs: its JSON."""
        return json.loads(self.tally("--json", *arguments, as_=as_, show=False, expect=expect) or "null")

    def call(self, function, as_, *options, expect=0):
        return self.answer("call", "billing", function, "--agreement", "a1", *options, as_=as_, expect=expect)

    # The chapters.

    def consortium(self):
        s = self.scenario
        if s.by_mqtt and not os.path.exists(MOSQUITTO):
            sys.exit("this story sends its records through a broker: apt-get install mosquitto")
        self.step("A consortium of five organizations, each with a node of its own")
        self.tell(f"{s.operator} runs the meters, {s.consumer} uses what they measure, {s.verifier} verifies and attests")
        self.tell(f"payments, {s.transport} and {s.care} provide services. Nobody trusts anybody.")
        if self.folder.exists():
            if not (self.folder / "story.txt").exists():
                sys.exit(f"{self.folder} exists and is no story; name another with --directory")
            subprocess.run([self.tally_program, "cluster", "down", str(self.network)], capture_output=True)
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        (self.folder / "story.txt").write_text("made by scripts/story\n")
        self.tally("network", "create", self.network, "--organizations", ",".join(s.parties), "--port", free_ports(5))
        if s.by_mqtt:
            folder = self.folder.resolve() / "broker"
            folder.mkdir()
            self.broker = Broker(folder)
            self.broker.start()
            node = self.network / "nodes/node1/node.toml"
            node.write_text(node.read_text() + self.broker.node_toml())
        self.tally("cluster", "up", self.network, show=False)
        self.tell("five nodes are up: endorsers, orderers and committers; one may lie or stop")
        if self.broker:
            self.tell(f"a broker stands between the meters and the gateway of {s.operator}: MQTT with TLS, a certificate each")

    def terms(self):
        s = self.scenario
        self.step("The terms, and what they would have cost last month")
        parties = ""
        for role, name in (("OPERATOR", s.operator), ("RC", s.consumer), ("DV", s.verifier), ("SP", s.transport),
                           ("SP", s.care)):
            business, town, country, tax, iban, bic = BUSINESS[name]
            parties += (f'\n[[parties]]\norganization = "{name}"\nrole = "{role}"\n[parties.business]\n'
                        f'name = "{business}"\ntown = "{town}"\ncountry = "{country}"\ntax_id = "{tax}"\n'
                        f'iban = "{iban}"\nbic = "{bic}"\n')
        cash = 'cash_rounding = "0.05"\n' if s.currency == "CHF" else ""
        self.terms_file = self.folder / "terms.toml"
        self.terms_file.write_text(
            f'title = "{s.name} of {s.operator} for {s.consumer}"\nfrom = {s.first}\nuntil = {s.until}\n'
            f'zone = "{s.zone_name}"\ncurrency = "{s.currency}"\n{cash}confirmations = 2\n'
            f'bill_tolerance_percent = "1"\n{parties}\n[[scope]]\nshard = "{s.name}"\n{s.terms}')
        self.tally("agreement", "check", self.terms_file, "--csv", self.csv_of(1), as_=s.consumer)
        self.tally("agreement", "deploy", "a1", self.terms_file, as_=s.operator)
        for party in s.parties[1:]:
            self.tally("agreement", "sign", "a1", as_=party, show=party == s.parties[-1])
        self.tell("in force: each of the five has signed the same bytes")

    def csv_of(self, number, days=None):
        """A meter's file; `days`: what it has of them."""
        file = self.folder / f"meter-{number:02}{'' if days is None else '-sent'}.csv"
        lines = [self.scenario.header]
        for day, at, value in self.readings(self.scenario, number, self.real):
            if days is None or days(day):
                lines.append(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(at))},{value}")
        file.write_text("\n".join(lines) + "\n")
        return file

    def device(self, number):
        return self.folder / "devices" / f"meter-{number:02}"

    def publish(self, number, file, folder=None, expect=0, show=False):
        folder = folder or self.device(number)
        by_mqtt = self.broker.options_of(folder.name) if self.broker else []
        return self.tally("device", "publish", folder, "--csv", file, "--timezone", self.scenario.zone_name, *by_mqtt,
                          as_=None if self.broker else self.scenario.operator, show=show, expect=expect)

    def meters(self):
        s = self.scenario
        self.step(f"{self.count} meters, each with a key that never leaves it, and a month of signed days")
        (self.folder / "devices").mkdir()
        for number in range(1, self.count + 1):
            self.tally("device", "new", self.device(number), "--shard", s.name, show=number == 1)
            self.tally("device", "register", self.device(number), "--schema", s.schema, "--csv", self.csv_of(number),
                       as_=s.operator, show=number == 1)
            self.progress("registered", number, self.count)
        for number in range(1, self.count + 1):
            if number == 3:  # one day is lost on the way
                file = self.csv_of(number, lambda day: day != s.lost)
            elif number == 5:  # one breaks
                file = self.csv_of(number, lambda day: day < s.broken_from)
            else:
                file = self.csv_of(number)
            self.publish(number, file)
            self.progress("days published", number, self.count)
        records = self.answer("query", "data", "totals", json.dumps({"shard": s.name, "organization": s.operator}),
                              as_=s.verifier)
        self.facts["records"] = records["daily"]
        self.tell(f"{records['daily']} signed days are on the ledger; 29 March has 23 hours")
        self.tell(f"meter-03 has lost {s.lost}; meter-05 is broken from {s.broken_from} on")
        self.tally("call", "registry", "set_status", "--device", "meter-05", "--status", "SUSPENDED", "--reason",
                   "broken: it has sent nothing since 12 March", as_=s.operator)

    def forgery(self):
        s = self.scenario
        self.step("Somebody forges a day of meter-02")
        forged = self.folder / "forged"
        self.tally("device", "new", forged, "--id", "meter-02", "--shard", s.name, show=False)
        file = self.folder / "forged.csv"  # of a day that the meter has not sent yet
        lines = [self.scenario.header] + [f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(at))},1"
                                          for at in s.hours(s.until)]
        file.write_text("\n".join(lines) + "\n")
        way = self.broker.options_of("meter-02") if self.broker else ["--profile", self.profile(s.operator)]
        done = subprocess.run([self.tally_program, "device", "publish", forged, "--csv", file, "--timezone", s.zone_name,
                               *way], capture_output=True, text=True)
        if done.returncode == 0:
            sys.exit("the forged day was taken")
        reason = (done.stdout + done.stderr).strip().splitlines()
        self.facts["forgery"] = "bad_signature" if "bad_signature" in done.stdout + done.stderr else reason[-1]
        self.tell("refused: " + next((line for line in reason if "signature" in line), reason[-1]).strip())

    def own_figures(self):
        s = self.scenario
        self.step("The operator's own figures of meter-01 are compared with what the meter signed")
        unit = s.header.split("_")[1]
        by_day = {}
        for day, at, value in self.readings(s, 1, self.real):
            by_day.setdefault(day, []).append((at, value))
        done = 0
        for day, rows in by_day.items():
            if day.month != 3:
                continue
            end = list(s.hours(day))[-1] + 3600
            scale = 3 if s.modulus else 0
            total = sum(int(value.replace(".", "")) for _, value in rows)
            if day.day == 20:
                total += total // 1000 + 1  # within the tolerance
            if day.day == 21 and not s.modulus:
                total += total // 10 + 10  # not within it
            figure = f"{total // 10 ** scale}.{total % 10 ** scale:0{scale}}" if scale else str(total)
            fields = [{"field": s.header.split(",")[1].split("_")[0], "unit": unit, "count": len(rows), "sum": figure,
                       "first": rows[0][1], "last": rows[-1][1]}]
            self.answer("call", "data", "cloud_series", "--device", "meter-01", "--from", rows[0][0], "--to", end,
                        "--fields", json.dumps(fields), as_=s.operator)
            done += 1
        self.tell(f"{done} days of its own are stored")

    def settle(self, as_):
        return self.answer("agreement", "settle", "a1", as_=as_)

    def first_invoice(self):
        s = self.scenario
        self.step("Days become FINAL, and March is billed: any party may say so, and every node computes it")
        done = self.answer("agreement", "settle", "a1", "--until", "2026-04-01", as_=s.consumer)
        self.facts["final_days"] = done["finalized"]
        self.tell(f"{done['finalized']} days are FINAL; of {done['mismatches']} the two sides differ")
        self.tally("invoice", "show", "a1", "2026-03-15", as_=s.consumer)
        self.facts["march"] = self.invoice("2026-03-15")

    def invoice(self, day):
        return self.answer("invoice", "show", "a1", day, as_=self.scenario.verifier)

    def dispute(self):
        s = self.scenario
        self.step(f"{s.consumer} disputes it: a day of meter-03 is missing. The day arrives late")
        self.call("dispute", s.consumer, "--day", "2026-03-15", "--reason", "10 March of meter-03 is missing")
        self.publish(3, self.csv_of(3))
        done = self.answer("agreement", "settle", "a1", "--until", "2026-04-01", as_=s.operator)
        self.facts["revisions"] = done["revised"]
        self.tell(f"{done['revised']} FINAL day has a revision now: the next invoice corrects it; nothing is edited")
        self.call("settle_dispute", s.consumer, "--day", "2026-03-15", "--reason", "the day is there")
        self.call("notify", s.operator, "--day", "2026-03-15")
        self.tell(f"the dispute is settled, and {s.consumer} has the invoice")

    def bill(self):
        s = self.scenario
        self.step(f"{s.transport} bills too much; the ledger says how much, and the bill is not paid")
        line = "Transport" if s.name == "solar" else "Sewage"
        tax = "20" if s.name == "solar" else "8.1"
        items = self.facts["march"]["items"]
        quantities = {}
        for item in items:
            for taken in item["taken"]:
                if item["item"] not in ("*", "!"):
                    quantities[item["item"]] = taken["quantities"][0]
        price, base = ("0.0312", 1000) if s.name == "solar" else ("1.40", 1)

        def post(number, factor):
            lines, net = "", 0
            for device, quantity in quantities.items():
                cents = round_half_up(scaled(quantity) * scaled(price) * 100 * factor, 10 ** 18 * base)
                net += cents
                lines += (f'\n[[lines]]\nname = "{line}"\ndevice = "{device}"\nquantity = "{quantity}"\n'
                          f'amount = "{money(cents)}"\ntax = {{ category = "S", percent = "{tax}" }}\n')
            total = net + round_half_up(net * scaled(tax), 100 * 10 ** 9)
            file = self.folder / f"{number}.toml"
            file.write_text(f'number = "{number}"\nissued = 2026-04-02\ntotal = "{money(total)}"\n{lines}')
            return self.answer("invoice", "post", "a1", "2026-03-15", file, as_=s.transport)

        bad = post("W-2026-03", 2)
        worst = max(bad["variances"], key=lambda each: scaled(each["difference"]))
        self.tell(f"posted {bad['totals']['payable']} {s.currency}; {worst['device']}: billed {worst['billed_amount']}, "
                  f"agreed {worst['agreed_amount']}: {worst['verdict']}")
        self.facts["overcharged"] = {"within_tolerance": bad["within_tolerance"], "verdict": worst["verdict"]}
        self.call("dispute", s.consumer, "--day", "2026-03-15", "--provider", s.transport, "--reason", "twice the price")
        self.call("withdraw_bill", s.transport, "--day", "2026-03-15", "--reason", "a mistake in our system")
        good = post("W-2026-03-B", 1)
        self.tell(f"withdrawn, and posted again: {good['totals']['payable']} {s.currency}, each line as agreed: "
                  f"{good['within_tolerance']}")
        self.facts["bill"] = good

    def audit(self):
        s = self.scenario
        self.step(f"{s.verifier} audits March on the ledger: chains, FINAL days, lines and totals are computed again")
        self.tally("agreement", "audit", "a1", "--from", "2026-03-01", "--until", "2026-04-01", "--run", "march",
                   as_=s.verifier)
        run = self.answer("query", "audit", "get", '{"agreement": "a1", "id": "march"}', as_=s.consumer)
        self.facts["audit"] = {"verdict": run["verdict"], "missing": run["missing"], "records": run["records"]}
        self.call("authorize_bill", s.consumer, "--day", "2026-03-15", "--provider", s.transport, "--audits", "march")
        self.tell(f"on that audit {s.consumer} authorizes the bill of {s.transport}")

    def statement(self, transfers, returned=False):
        self.statements += 1
        file = self.folder / f"statement-{self.statements}.xml"
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
        file.write_text(bank.notification(transfers, day, self.statements, returned))
        return file

    def pay(self, *where):
        """An order, the bank's answer, and the verifier's attestation."""
        s = self.scenario
        file = self.folder / f"order-{self.statements + 1}.xml"
        self.tally("payment", "export", "a1", *where, "--out", file, as_=s.consumer)
        transfers = bank.orders(file)
        self.tally("payment", "import", "a1", self.statement(transfers), *where, "--debtor", s.consumer, "--confirm",
                   as_=s.verifier)
        return transfers

    def payment(self):
        s = self.scenario
        self.step("Payment: an order for the bank, its statement, and what the verifier attests")
        transfers = self.pay()
        self.facts["paid"] = transfers
        march = self.facts["march"]["invoice"]
        for share in march["totals"]["shares"]:
            self.call("receive", share["organization"], "--day", "2026-03-15")
        self.call("receive", s.transport, "--day", "2026-03-15", "--provider", s.transport)
        for party in (s.operator, s.consumer):
            self.call("confirm_final", party, "--day", "2026-03-15")
        self.tell(f"March is {self.invoice('2026-03-15')['invoice']['state']}")
        self.step("The bank of one payee sends the money back, even after that")
        back = [each for each in transfers if each["account"] == BUSINESS[march["totals"]["shares"][0]["organization"]][4]]
        self.tally("payment", "import", "a1", self.statement(back[:1], returned=True), "--debtor", s.consumer,
                   "--confirm", as_=s.verifier)
        self.tell("a second order pays that payee alone, with identifiers of its own: no bank takes it for the first")
        again = self.pay("--day", "2026-03-15")
        assert not {each["end_to_end"] for each in again} & {each["end_to_end"] for each in transfers}
        assert [each["account"] for each in again] == [each["account"] for each in back]
        self.call("receive", march["totals"]["shares"][0]["organization"], "--day", "2026-03-15")
        for party in (s.operator, s.consumer):
            self.call("confirm_final", party, "--day", "2026-03-15")
        self.facts["march_state"] = self.invoice("2026-03-15")["invoice"]["state"]
        self.facts["steps"] = [each["state"] for each in self.invoice("2026-03-15")["invoice"]["timeline"]]
        self.tell(f"March is {self.facts['march_state']} again: " + " -> ".join(self.facts["steps"]))

    def second_invoice(self):
        self.step("The rest of the agreement's days, with the correction of 10 March")
        self.settle(self.scenario.care)
        self.tally("invoice", "show", "a1", "2026-04-03", as_=self.scenario.consumer)
        self.facts["april"] = self.invoice("2026-04-03")

    def evidence(self):
        s = self.scenario
        self.step("Proof that holds years later, with no node and no network")
        file = self.folder / "meter-01-march.evidence"
        self.tally("agreement", "audit", "a1", "--from", "2026-03-01", "--until", "2026-04-01", "--device", "meter-01",
                   "--readings", "--evidence", file, as_=s.verifier)
        whole = self.folder / "march.evidence"
        self.tally("agreement", "audit", "a1", "--from", "2026-03-01", "--until", "2026-04-06", "--evidence", whole,
                   as_=s.verifier)
        self.tally("cluster", "down", self.network, show=False)
        self.tell("the nodes are stopped")
        config = self.network / "channel.json"
        text = self.tally("verify", file, "--config", config, show=False)
        for line in text.splitlines():
            if "Proven" in line or line.strip().startswith(("records", "verdict", "invoices", "days", "agreement")):
                self.tell(line)
        self.facts["evidence"] = {"bytes": file.stat().st_size, "proven": "Proven" in text}
        bad = self.folder / "altered.evidence"
        altered = bytearray(file.read_bytes())
        altered[len(altered) // 2] ^= 1
        bad.write_bytes(altered)
        done = subprocess.run([self.tally_program, "verify", str(bad), "--config", str(config)], capture_output=True,
                              text=True)
        self.facts["altered"] = done.returncode
        self.tell("one bit changed: " + (done.stderr.strip().splitlines() or ["?"])[-1])
        self.verify_invoices(whole, config)

    def verify_invoices(self, evidence, config):
        invoice = self.folder / "invoice.xml"
        forged = self.folder / "invoice-with-another-account.xml"
        text = invoice.read_text()
        account = text.split("<cac:PayeeFinancialAccount>")[1].split("<cbc:ID>")[1].split("<")[0]
        forged.write_text(text.replace(account, "DE89370400440532013000"))
        codes = {}
        for file in (invoice, self.folder / "self-billed.xml", self.folder / "corrected.xml", forged):
            done = subprocess.run([self.tally_program, "verify", str(file), "--evidence", str(evidence), "--config",
                                   str(config)], capture_output=True, text=True)
            codes[file.name] = done.returncode
            said = [line for line in done.stdout.splitlines() if "Proven" in line] or done.stderr.splitlines()
            self.tell(f"{file.name}: " + (said or ["?"])[-1].strip())
        self.facts["invoices_verified"] = codes
        self.facts["forged_invoice"] = done.stderr

    def documents(self):
        s = self.scenario
        self.step("The invoice for people and for machines")
        payee = self.facts["march"]["invoice"]["totals"]["shares"][0]["organization"]
        for kind, name in (("ubl", "invoice.xml"), ("html", "invoice.html")):
            self.tally("invoice", kind, "a1", "2026-03-15", "--payee", payee, "--out", self.folder / name,
                       as_=s.operator)
        self.tally("invoice", "ubl", "a1", "2026-04-03", "--payee", payee, "--out", self.folder / "corrected.xml",
                   as_=s.operator)
        self.tell("and the operator makes out that of the other payee, in its name")
        other = self.facts["march"]["invoice"]["totals"]["shares"][1]["organization"]
        self.tally("invoice", "ubl", "a1", "2026-03-15", "--payee", other, "--self-billed", "--out",
                   self.folder / "self-billed.xml", as_=s.operator)

    def console(self):
        """Pictures of what people see in a browser."""
        s = self.scenario
        self.step("The same in a browser")
        url = self.answer("console", "open", as_=s.verifier)["url"]
        if not self.pictures:
            self.tell(f"while the nodes run, {s.verifier} opens {url.split('#')[0]} (`tally console open`); --pictures takes pictures")
            return
        folder = self.folder / "console"
        folder.mkdir()
        views = {"devices": ("devices", "meter-01"), "device": ("device/meter-01", "meter-01"),
                 "agreement": ("agreements/a1", "Tariff"), "invoice": ("invoices/a1/2026-03-01", "Totals"),
                 "payments": ("payments/a1", "Bookings"), "audit": ("audits/a1/march", "Checks"), "ledger": ("ledger", "Blocks")}
        with Browser() as browser:
            browser.size(1200, 800)
            browser.open(url)
            browser.see("meter-01")
            for name, (view, text) in views.items():
                browser.run(f"location.hash = '#/{view}'")
                browser.see(text)
                browser.screenshot(folder / f"{name}.png")
        self.facts["pictures"] = sorted(views)
        self.tell(f"{len(views)} pictures of the console in {folder}/")

    def end(self):
        march, april = self.facts["march"]["invoice"], self.facts["april"]["invoice"]
        print(f"\n{BOLD}What it came to{RESET}")
        rows = [("March", march["totals"]["net"], march["totals"]["payable"], self.facts["march_state"]),
                ("1 to 5 April, with the correction", april["totals"]["net"], april["totals"]["payable"],
                 april["state"]),
                (f"bill of {self.scenario.transport}", self.facts["bill"]["totals"]["net"],
                 self.facts["bill"]["totals"]["payable"], "RECEIVED")]
        print(f"   {'':36}{'net':>12}{self.scenario.currency + ' to pay':>14}  state")
        for name, net, payable, state in rows:
            print(f"   {name:36}{net:>12}{payable:>14}  {state}")
        self.facts["seconds"] = round(time.monotonic() - self.started, 1)
        (self.folder / "story.json").write_text(json.dumps(self.facts, indent=1))
        print(f"\n   {self.facts['seconds']} seconds. Everything lies in {self.folder}/: story.json, invoice.html, "
              f"the meters' files, orders, statements, evidence.")

    def run(self):
        try:
            self.consortium()
            self.terms()
            self.meters()
            self.forgery()
            self.own_figures()
            self.first_invoice()
            self.dispute()
            self.bill()
            self.audit()
            self.payment()
            self.second_invoice()
            self.documents()
            self.console()
            self.evidence()
            self.end()
        finally:
            if not self.keep:
                subprocess.run([self.tally_program, "cluster", "down", str(self.network)], capture_output=True)
                if self.broker:
                    self.broker.kill()


def scaled(text):
    """A decimal as a whole number of 10^-9."""
    sign = -1 if text.startswith("-") else 1
    whole, _, part = text.lstrip("-").partition(".")
    return sign * int(whole + part.ljust(9, "0"))


def round_half_up(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


def money(cents):
    return f"{cents // 100}.{cents % 100:02}"


def real_hours(file):
    """The first day of a file, by the hour: the sums of its last column of whole numbers or decimals."""
    with open(file, newline="") as text:
        rows = list(csv.reader(text))
    hours = {}
    for row in rows[1:]:
        hour = row[0][11:13] if len(row[0]) > 12 else ""
        if hour.isdigit() and row[-1]:
            hours.setdefault(int(hour), []).append(float(row[-1]))
        if len(hours) == 24 and len(hours[23]) > 58:
            break
    if not hours:
        sys.exit(f"{file}: its first column has no times like 2026-03-01T00:00:00Z")
    return [int(sum(hours.get(hour, [0]))) for hour in range(24)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", choices=sorted(SCENARIOS))
    parser.add_argument("--directory", help="where everything goes (default: story-SCENARIO)")
    parser.add_argument("--devices", type=int, help="so many meters instead, at least 5")
    parser.add_argument("--csv", help="the hours of this file's first day are each meter's day, from its last column")
    parser.add_argument("--pictures", action="store_true", help="take pictures of the console with Chromium")
    parser.add_argument("--keep", action="store_true", help="leave the folder's network as it is at the end")
    parser.add_argument("--tally", default="tally", help="the program")
    options = parser.parse_args()
    if options.devices is not None and options.devices < 5:
        parser.error("at least 5 devices")
    Story(options).run()


if __name__ == "__main__":
    main()
