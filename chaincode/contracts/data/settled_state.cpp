#include "chaincode/contracts/data/settled_state.h"

#include "chaincode/contracts/document.h"

namespace tally::chaincode::data {

std::string cloud_key(std::string_view device, std::int64_t start) {
    return composite_key({"cloud", device, padded(start)});
}
std::string settled_key(const std::string& agreement, const std::string& device, Date day) {
    return composite_key({"settled", agreement, device, day.text()});
}
std::string settling_key(const std::string& agreement, const std::string& device) {
    return composite_key({"settling", agreement, device});
}
std::string revision_key(const std::string& agreement, std::int64_t number) {
    return composite_key({"revision", agreement, padded(number)});
}
// The number of the day's last revision.
std::string revised_key(const std::string& agreement, const std::string& device, Date day) {
    return composite_key({"revised", agreement, device, day.text()});
}

Result<std::int64_t> number_at(Stub& stub, const std::string& key) {
    const auto text = TRY(stub.get(key));
    if (!text) return 0;
    const auto number = unpadded(*text);
    if (!number) return fail(Code::corrupt, "a number of revisions is \"{}\"", text->substr(0, 32));
    return *number;
}

Result<SettledDay> last_revision(Stub& stub, SettledDay day) {
    const auto number = TRY(number_at(stub, revised_key(day.agreement, day.device, day.day)));
    if (number == 0) return day;
    auto revision = TRY(get_document<SettledDay>(stub, revision_key(day.agreement, number), "a revision"));
    if (!revision) return fail(Code::corrupt, "the revision {} of {} is not there", number, day.agreement);
    return std::move(*revision);
}

Result<std::optional<SettledDay>> latest_of(Stub& stub, const OfDay& in) {
    auto day = TRY(get_document<SettledDay>(stub, settled_key(in.agreement, in.device, in.day), "a settled day"));
    if (!day) return std::nullopt;
    return TRY(last_revision(stub, std::move(*day)));
}

Result<std::optional<SettledDay>> day_before_as_known(Stub& stub, const SettledDay& day) {
    const OfDay yesterday{{day.device, day.day.plus_days(-1)}, day.agreement};
    const auto key = settled_key(day.agreement, day.device, yesterday.day);
    auto before = TRY(get_document<SettledDay>(stub, key, "a settled day"));
    if (auto revised = TRY(latest_of(stub, yesterday));
        revised && day.revision && revised->settled_ms <= day.settled_ms)
        before = std::move(revised);
    if (before && before->settled_ms > day.settled_ms) before.reset();
    return before;
}

}  // namespace tally::chaincode::data
