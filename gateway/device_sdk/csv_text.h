#pragma once
// From a file's bytes to UTF-8 text: byte order marks, UTF-16, Windows-1252 (which Latin-1 is a part of).
//
// Found where it is not given: by its byte order mark; UTF-16 without one by the zero bytes of its first characters;
// else UTF-8 if all of it is, and Windows-1252 if not. A zero character is refused. Pure. Failures: malformed.

#include <string>
#include <string_view>

#include "crypto/error.h"
#include "gateway/device_sdk/csv_profile.h"

namespace tally::gateway::device_sdk {

class CsvText {
  public:
    // Borrows `bytes` where they are UTF-8 already.
    [[nodiscard]] static Result<CsvText> decode(std::string_view bytes, CsvEncoding encoding);

    [[nodiscard]] std::string_view text() const { return borrowed_.data() != nullptr ? borrowed_ : converted_; }
    [[nodiscard]] CsvEncoding encoding() const { return encoding_; }
    [[nodiscard]] std::string_view reason() const { return reason_; }  // why it is this encoding

  private:
    std::string_view borrowed_;
    std::string converted_;
    CsvEncoding encoding_ = CsvEncoding::utf8;
    std::string_view reason_;
};

[[nodiscard]] std::string_view encoding_name(CsvEncoding encoding);

}  // namespace tally::gateway::device_sdk
