// Endorsement policies. Whatever parses is refused without signatures and by strangers, and its verdict depends on the
// signers alone; whatever does not parse is refused with its place.

#include "crypto/bytes.h"
#include "node/channel/policy.h"
#include "tests/fuzz/expect.h"

using namespace tally;
using namespace tally::node;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(as_text({data, size}));
    const std::vector<std::string> organizations{"A", "B", "C"};
    const auto policy = Policy::parse(text, organizations);
    if (!policy) {
        TALLY_FUZZ_EXPECT(policy.error().code == Code::bad_configuration);
        TALLY_FUZZ_EXPECT(policy.error().message.find("at character") != std::string::npos);
        return 0;
    }
    TALLY_FUZZ_EXPECT(!policy->satisfied_by({}));
    const std::vector<Principal> strangers(6, {"D", "peer"});
    TALLY_FUZZ_EXPECT(!policy->satisfied_by(strangers));
    std::vector<Principal> signers;
    for (const char* organization : {"C", "A", "B"}) {
        for (const char* role : {"peer", "admin"}) signers.push_back({organization, role});
    }
    const bool once = policy->satisfied_by(signers);
    TALLY_FUZZ_EXPECT(once == policy->satisfied_by(signers));
    TALLY_FUZZ_EXPECT(once == Policy::parse(" " + text + "\n", organizations)->satisfied_by(signers) ||
                      text.size() > 4094);
    return 0;
}

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t)) {
    for (const std::string_view seed :
         {"AND('A.peer', OR('B.peer','C.peer'))", "OutOf(2, 'A.member', \"B.admin\", ANY)", "MAJORITY", "ALL"}) {
        add(as_bytes(seed).data(), seed.size());
    }
}
