#pragma once

namespace convscope {

/** Probability that Student's t with so many degrees of freedom, which need not be whole, lies farther from 0 than this. */
double two_sided_t(double t, double freedom);

}  // namespace convscope
