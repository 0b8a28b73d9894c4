#include "chaincode/host/serve.h"
#include "meter_swap.h"

int main(int argc, char** argv) { return tally::chaincode::host::serve(meter_swap::contract(), argc, argv); }
