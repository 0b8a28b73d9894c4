#pragma once
// When a member need not be there: the same rule for what is read and for the schema that says so.

#include "chaincode/json/type_info.h"

namespace tally::chaincode::reflect {

[[nodiscard]] inline bool is_required(const Member& member) {
    switch (member.type->form) {
        case Form::optional: return false;
        case Form::list:
        case Form::map: return member.info.min > 0;
        default: return true;
    }
}

}  // namespace tally::chaincode::reflect
