#pragma once
// How every list pages: `limit` entries at most, `next` in the answer while more remain, and the next call's `cursor`.
// A cursor is opaque to callers and stays good while the ledger grows.
//
//   struct ListDevices : PageArguments { std::optional<DeviceStatus> status; };
//   struct DevicePage { std::vector<DeviceView> devices; std::optional<std::string> next; };
//
//   Result<DevicePage> list_devices(Stub& stub, const ListDevices& in) {
//       DevicePage page;
//       page.next = TRY(Pager({"device"}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
//           const auto device = TRY(read_document<Device>(entry.value, "a device"));
//           if (in.status && device.status != *in.status) return false;  // not in the page
//           page.devices.push_back(view_of(device));
//           return true;
//       }));
//       return page;
//   }
//
// A page also ends after kMostLookedAt entries, whether or not they were in it: a filtered list never runs into a
// query's limit of keys. Such a page may be short or empty, and its `next` leads on.

#include <optional>
#include <string>

#include "chaincode/json/fields.h"
#include "chaincode/stub.h"

namespace tally::chaincode {

inline constexpr std::int64_t kUsualPage = 100;
inline constexpr std::int64_t kLargestPage = 1000;
// Of entries that are read for one page: each may cost another read, and the sum stays below a query's limit of keys.
inline constexpr std::size_t kMostLookedAt = 10'000;

struct PageArguments {
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;
};
TALLY_FIELDS(PageArguments, (limit, "at most so many entries (default 100)", .min = 1, .max = kLargestPage),
             (cursor, "the \"next\" of the page before", .max = 1000))

// The entries of the current contract whose keys extend a prefix, in the order of their keys.
class Pager {
  public:
    explicit Pager(std::initializer_list<std::string_view> prefix);

    // Only keys from `part` on, or before it: the bytes that follow the prefix.
    Pager& from(std::string_view part);
    Pager& before(std::string_view part);

    // Visits entries until the page is full, and gives the cursor of the next one; none at the end. `visit` says
    // whether the entry is in the page. invalid_argument for a cursor that no page of this list ended with.
    template <class Visit>  // Result<bool>(const KeyValue&)
    [[nodiscard]] Result<std::optional<std::string>> read(Stub& stub, const PageArguments& in, Visit&& visit) const {
        const auto limit = in.limit.value_or(kUsualPage);
        auto start = TRY(start_of(in));
        std::int64_t taken = 0;
        std::size_t looked_at = 0;
        std::string last;
        for (bool more = start < end_; more;) {
            // A list that filters is read in larger steps than what its page still wants.
            const auto step = taken == static_cast<std::int64_t>(looked_at) ? limit - taken : kUsualPage;
            const auto page = TRY(stub.range(start, end_, {.limit = static_cast<std::size_t>(step)}));
            for (const auto& entry : page.entries) {
                if (taken == limit || looked_at == kMostLookedAt) return cursor_of(last);
                if (TRY(visit(entry))) ++taken;
                ++looked_at;
                last = entry.key;
            }
            more = page.more;
            if (more && (taken == limit || looked_at == kMostLookedAt)) return cursor_of(last);
            start = after(last);
        }
        return std::nullopt;
    }

  private:
    [[nodiscard]] Result<std::string> start_of(const PageArguments& in) const;
    [[nodiscard]] std::string cursor_of(std::string_view key) const;
    [[nodiscard]] static std::string after(std::string_view key);

    std::string prefix_;
    std::string start_;
    std::string end_;
};

// The last part of a composite key.
[[nodiscard]] std::string_view last_part(std::string_view key);

// The number in a padded part (see padded); numbers that are not negative. None when it is no such number.
[[nodiscard]] std::optional<std::int64_t> unpadded(std::string_view part);

}  // namespace tally::chaincode
