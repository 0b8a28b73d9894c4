#pragma once
// Shows any contract's answer to a person: facts line by line, lists as tables. What the answer holds decides, so every
// contract has it without saying anything. With --json the answer is printed as it is.

#include <boost/json/value.hpp>

namespace tally::node::cli {

void print_answer(const boost::json::value& answer);

}  // namespace tally::node::cli
