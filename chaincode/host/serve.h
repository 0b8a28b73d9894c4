#pragma once
// The main function of a contract's program: it offers the contract to the node that has started it.
//
//   int main(int argc, char** argv) { return tally::chaincode::host::serve(meter_swap::contract(), argc, argv); }
//
// With the argument --manifest it prints what the contract declares. Without a node it says so and ends with 2.

#include "chaincode/contract.h"

namespace tally::chaincode::host {

[[nodiscard]] int serve(const Contract& contract, int argc, char** argv);

}  // namespace tally::chaincode::host
