// Memory port: the arbiter of its requesters and the signals to the memory, which accepts a granted
// request in the cycle in which it is there. Read beats come back in the order of requests, each
// with the requester it is for; the beats of a granted write follow in the next cycles.
// Latency: none in either direction. Throughput: one request and one beat per cycle.
`default_nettype none

module memory_port (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire [12:0] burst_bytes_i,  // constant after reset
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
  input  wire        rd_last_i,
  input  wire [1:0]  rd_id_i,
  input  wire        resp_valid_i
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

  // What the memory may rely on, and what is relied on of it.
`ifdef SYNTHESIS
  wire unused = &{1'b0, burst_bytes_i, rd_last_i, resp_valid_i};
`else
  reg [10:0] reads_q, writes_q;  // bursts under way
  reg [2:0]  waiting_q;          // requests that were not granted in the last cycle
  wire read = req_valid_o && !req_write_o;
  wire write = req_valid_o && req_write_o;
  wire read_end = rd_valid_i && rd_last_i;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reads_q <= '0;
      writes_q <= '0;
      waiting_q <= '0;
    end else begin
      if (read != read_end) reads_q <= read ? reads_q + 1'b1 : reads_q - 1'b1;
      if (write != resp_valid_i) writes_q <= write ? writes_q + 1'b1 : writes_q - 1'b1;
      waiting_q <= request_i & ~grant_o;
      if ((waiting_q & ~request_i) != '0) $error("A request was withdrawn before its grant.");
      if (req_valid_o && (req_addr_o & {35'd0, burst_bytes_i - 1'b1}) != '0) begin
        $error("A request is not aligned to its burst.");
      end
      if (rd_valid_i && reads_q == '0) $error("A read beat came that nobody asked for.");
      if (resp_valid_i && writes_q == '0) $error("A response came that no write waits for.");
    end
  end
`endif
endmodule

`default_nettype wire
