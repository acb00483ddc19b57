// Memory port: the arbiter of its requesters and the signals to the memory, which accepts a granted
// request in the cycle in which it is there. Read beats come back in the order of requests, each
// with the requester it is for; the beats of a granted write follow in the next cycles.
// Latency: none in either direction. Throughput: one request and one beat per cycle.
`default_nettype none

module memory_port (
  input  wire        clk_i,
  input  wire        rst_ni,
  // requesters: LOAD, STORE, WLOAD
  input  wire [2:0]  request_i,
  input  wire [47:0] load_addr_i,
  input  wire [47:0] store_addr_i,
  input  wire [47:0] wload_addr_i,
  output wire [2:0]  grant_o,
  output wire [2:0]  rd_valid_o,
  // memory
  output wire        req_valid_o,
  output wire        req_write_o,
  output wire [1:0]  req_id_o,     // 0 LOAD, 1 STORE, 2 WLOAD
  output wire [47:0] req_addr_o,   // burst aligned
  input  wire        rd_valid_i,
  input  wire [1:0]  rd_id_i
);
  arbiter u_arbiter (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .request_i (request_i),
    .grant_o   (grant_o)
  );

  assign req_valid_o = grant_o != '0;
  assign req_write_o = grant_o[1];
  assign req_id_o = grant_o[2] ? 2'd2 : {1'b0, grant_o[1]};
  assign req_addr_o = grant_o[2] ? wload_addr_i : grant_o[1] ? store_addr_i : load_addr_i;
  assign rd_valid_o = rd_valid_i ? 3'b001 << rd_id_i : '0;
endmodule

`default_nettype wire
