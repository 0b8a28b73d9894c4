// OCMF records. A payload that was read is a part of the text, and everything that follows from it is total: verdicts,
// sessions, the records of a file.

#include "chaincode/records/ocmf_check.h"
#include "crypto/meter_key.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::chaincode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text(ByteView(data, size));
    (void)crypto::meter_key_from(text);
    if (const auto raw = crypto::meter_signature_from(ByteView(data, size)))
        TALLY_FUZZ_EXPECT(raw->size() == crypto::kSignatureBytes);
    if (const auto records = split_ocmf(text)) TALLY_FUZZ_EXPECT(!records->empty());
    const auto record = read_ocmf(text);
    if (!record) {
        TALLY_FUZZ_EXPECT(!record.error().message.empty());
        return 0;
    }
    TALLY_FUZZ_EXPECT(record->payload.data() >= text.data() &&
                      record->payload.data() + record->payload.size() <= text.data() + text.size());
    TALLY_FUZZ_EXPECT(!record->readings.empty() && record->readings.size() <= kMaxOcmfReadings);
    TALLY_FUZZ_EXPECT(split_ocmf(text).value().size() == 1);
    TALLY_FUZZ_EXPECT(judge_content(*record).size() == 5);
    TALLY_FUZZ_EXPECT(judge_signature(*record, text).result != OcmfResult::PASSED);
    TALLY_FUZZ_EXPECT(sessions_of(record->readings).size() <= record->readings.size());
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (
        const std::string_view seed :
        {R"(OCMF|{"FV":"1.0","GI":"G","GS":"1","PG":"T32","IS":true,"IL":"NONE","IF":["RFID_NONE"],"IT":"NONE","ID":"",)"
         R"("LC":{"LN":"c","LI":1,"LR":3.5,"LU":"mOhm"},"RD":[{"TM":"2019-08-13T10:03:15,000+0000 S","TX":"B","EF":"",)"
         R"("ST":"G","RV":0.2596,"RI":"1-b:1.8.0","RU":"kWh"},{"TM":"2019-08-13T10:03:36,000+0000 R","TX":"E",)"
         R"("RV":"0.2597"}]}|{"SA":"ECDSA-secp256r1-SHA256","SE":"base64","SD":"MAYCAQECAQE="})",
         R"(OCMF|{"PG":"F1","RD":[{"TM":"2019-08-13T10:03:15,000+0000 I","EF":"Et","ST":"E","RV":1,"RI":"a|b","RU":"Wh"}]})"
         R"(|{"SD":"3006020101020101"})"}) {
        add(reinterpret_cast<const std::uint8_t*>(seed.data()), seed.size());
    }
}
