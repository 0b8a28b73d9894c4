#include "gateway/version.h"

namespace tally {

const std::string_view kRelease = TALLY_VERSION;

}  // namespace tally
