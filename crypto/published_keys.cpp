#include <algorithm>
#include <array>

#include "crypto/meter_key.h"

namespace tally::crypto {
namespace {

struct PublishedKey {
    std::string_view fingerprint;  // SHA-256 of the SubjectPublicKeyInfo, hex
    std::string_view name;
};

constexpr std::array kPublished = {
    PublishedKey{"5cd252fb0ce8932436faf8ccd1040981b89ee4ad6b9fe9e2a2b7e71aacb27cd3", "the generator of P-256"},
    PublishedKey{"dc0ce633dbcc913dafafa4b89ac44d8ce683fdfc3f60c8bdf21213b9f2b534ba", "2 times the generator of P-256"},
    PublishedKey{"2b985badf1bac8293f6b92e8c0acc1139bc5a5ecbbf97a6271dcf0d4f6c68af6", "3 times the generator of P-256"},
    PublishedKey{"3eab3fba5026b61d007cbf411b90f3c88ff89cf0a8088cbbfc3eaaca867dd663", "4 times the generator of P-256"},
    PublishedKey{"dafc418eb082e83c76a48f0c526fe45e9ca4d4ecfa82366de3fccd37099fca01", "5 times the generator of P-256"},
    PublishedKey{"e26630d1233ed92d8ac231a4bf230fddb2d924d6eace7489946e1e82e9523a70", "6 times the generator of P-256"},
    PublishedKey{"11086649cd3e5d1892200a4200b165bbea5c9f9b47ca83792d4f9a1ef0dc8921", "7 times the generator of P-256"},
    PublishedKey{"8449111985c4e015d12e2c0b4847278c9d9e5f84a383fd4056a6d89bab795c5d", "8 times the generator of P-256"},
    PublishedKey{"e3615fff37474c561c068d1f56f5ec3751cd7eb2ea7046c016a142c932865496", "9 times the generator of P-256"},
    PublishedKey{"f0f6a0003fd9e94ffb16e2206cfdf272ef2e8860d73f32704b5f365b45505138", "10 times the generator of P-256"},
    PublishedKey{"21af110aa3ea3b9705cc6374830ce5bda521d901c5215f88604cc78385845dc0", "11 times the generator of P-256"},
    PublishedKey{"06bd70e0b4fcc9277de14317373dcf86f8fbeb48d8a52513f726059488c1d768", "12 times the generator of P-256"},
    PublishedKey{"c379f258d6ad972fdc80a8574dad37651dd58620a0ccd0808113be2ff6b37de9", "13 times the generator of P-256"},
    PublishedKey{"5203a19a2aaf8843c50f9056346feecdc19d61cce57646b84f833a04602bd4e5", "14 times the generator of P-256"},
    PublishedKey{"f6d6cc60e03c805adf96cdf35b42b71344bbfb8c17546b1acace6dd5727074a1", "15 times the generator of P-256"},
    PublishedKey{"1289bdf73517d3cf4345bf2c927d1aaf28838000d78aeb4f3faa590089070803", "16 times the generator of P-256"},
    PublishedKey{"3fda76216227ff687422fb555d659338c62577cbc3e503dddc34b7f6f1abbde5", "the negated generator of P-256"},
    PublishedKey{"5a7a78cca4a0f420d9bc62bb669c3c2759e39f723d3ae10dcbe0f0815a07ecd4", "the example of RFC 6979, A.2.5"},
    PublishedKey{"2bd1bb0c44a897c30a7aa0991cde38d8062fe441de50da0f46825344f602e827", "the example of RFC 7515, A.3"},
    PublishedKey{"51b944cdfa544d4c3273aa6bf350625a7dd53bbb6a71723274f538b19a207760", "the example of RFC 7517, A.2"},
    PublishedKey{"66e2b23c32c650217f99e11fb60b51ea72c6667c6dfd1238364435e62d659d5b", "the key 11 of RFC 8152, C.7.1"},
    PublishedKey{"eb28a65877d2b84b92a6a9b5fd762a45e50665933d97fc0c724e70a161f2031a",
                 "the key meriadoc.brandybuck@buckland.example of RFC 8152, C.7.1"},
};

}  // namespace

Status check_unpublished(const PublicKey& key) {
    const auto fingerprint = key.fingerprint().hex();
    const auto* const found = std::ranges::find(kPublished, std::string_view(fingerprint), &PublishedKey::fingerprint);
    if (found == kPublished.end()) return {};
    return fail(Code::bad_key, "the key is {}: its private key is public, so its signatures prove nothing",
                found->name);
}

}  // namespace tally::crypto
