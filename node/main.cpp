#include "node/cli/command.h"

int main(int argc, char** argv) { return tally::node::cli::run(argc, argv); }
