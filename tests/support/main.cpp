// The main function of every test program, linked to Boost.Test's shared library.

#define BOOST_TEST_MODULE moe
#include <boost/test/unit_test.hpp>
