#include "chaincode/contracts/billing/model.h"

namespace tally::chaincode::billing {

std::string invoice_key(const std::string& agreement, Date from) {
    return composite_key({"invoice", agreement, from.text()});
}

std::string bill_key(const std::string& agreement, Date from, const std::string& provider) {
    return composite_key({"bill", agreement, from.text(), provider});
}

std::string item_key(const std::string& agreement, Date from, std::string_view item) {
    return composite_key({"item", agreement, from.text(), item});
}

}  // namespace tally::chaincode::billing
