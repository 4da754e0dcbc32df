#include "programs/runner/bus_link.hxx"
