"""A bank, as far as a story needs one: it reads payment orders (pain.001) and writes what it has booked (camt.054)."""

import datetime
import hashlib
import xml.etree.ElementTree as xml
from xml.sax.saxutils import escape

PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"


def orders(file):
    """The transfers of a payment order: the payer's account, and of each the identifiers, amount and account."""
    root = xml.parse(file).getroot()
    payer = root.find(f".//{PAIN}DbtrAcct/{PAIN}Id/{PAIN}IBAN").text
    out = []
    for transfer in root.iter(f"{PAIN}CdtTrfTxInf"):
        amount = transfer.find(f"{PAIN}Amt/{PAIN}InstdAmt")
        out.append({
            "payer": payer,
            "end_to_end": transfer.find(f"{PAIN}PmtId/{PAIN}EndToEndId").text,
            "uetr": transfer.find(f"{PAIN}PmtId/{PAIN}UETR").text,
            "amount": amount.text,
            "currency": amount.get("Ccy"),
            "account": transfer.find(f"{PAIN}CdtrAcct/{PAIN}Id/{PAIN}IBAN").text,
        })
    return out


def notification(transfers, day, number, returned=False):
    """A camt.054 of the payer's account: each transfer as booked, or as it came back."""
    entries = []
    for i, each in enumerate(transfers, 1):
        reference = "BK" + hashlib.sha256(f"{number}/{i}/{each['end_to_end']}".encode()).hexdigest()[:14].upper()
        code = "RRTN" if returned else "ESCT"
        family = "RCDT" if returned else "ICDT"
        reason = ("<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>The account is closed</AddtlInf></RtrInf>"
                  if returned else "")
        entries.append(
            f"<Ntry><Amt Ccy=\"{each['currency']}\">{each['amount']}</Amt>"
            f"<CdtDbtInd>{'CRDT' if returned else 'DBIT'}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
            f"<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef>"
            f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{code}</SubFmlyCd></Fmly></Domn></BkTxCd>"
            f"<NtryDtls><TxDtls><Refs><EndToEndId>{escape(each['end_to_end'])}</EndToEndId>"
            f"<UETR>{each['uetr']}</UETR></Refs>"
            f"<Amt Ccy=\"{each['currency']}\">{each['amount']}</Amt>"
            f"<CdtDbtInd>{'CRDT' if returned else 'DBIT'}</CdtDbtInd>"
            f"<RltdPties><DbtrAcct><Id><IBAN>{each['payer']}</IBAN></Id></DbtrAcct>"
            f"<CdtrAcct><Id><IBAN>{each['account']}</IBAN></Id></CdtrAcct></RltdPties>{reason}</TxDtls></NtryDtls></Ntry>")
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn>"
            f"<GrpHdr><MsgId>NTF-{number}</MsgId><CreDtTm>{now}</CreDtTm></GrpHdr>"
            f"<Ntfctn><Id>N-{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb><CreDtTm>{now}</CreDtTm>"
            f"<Acct><Id><IBAN>{transfers[0]['payer']}</IBAN></Id></Acct>"
            + "".join(entries) + "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n")
