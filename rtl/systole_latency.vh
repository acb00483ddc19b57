// Fixed latencies in cycles; made from sim/machine/latency.def by scripts/latency-vh.
`ifndef SYSTOLE_LATENCY_VH
`define SYSTOLE_LATENCY_VH
`define SA_LAT_UB_READ 2  // buffer address issued -> data usable
`define SA_LAT_ACC_UPDATE 2  // partial sum leaves the array -> accumulator updated
`define SA_LAT_LOAD_WRITE 1  // last beat on the port -> written to buffer or weight FIFO
`define SA_LAT_VEC_LATENCY 8  // last read of an output issued -> output written
`define SA_LAT_VEC_PARAM 8  // parameter phase of VACC
`define SA_LAT_VEC_TABLE 16  // VTABLE
`define SA_LAT_VEC_MAX_GAP 16  // softmax: idle cycles between pass 1 and pass 2
`define SA_LAT_VEC_RECIP_GAP 40  // softmax: idle cycles between pass 2 and pass 3
`define SA_LAT_VEC_ROOT_GAP 48  // norms: idle cycles between pass 1 and pass 2
`endif
