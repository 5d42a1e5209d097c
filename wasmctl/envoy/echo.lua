-- Answers every request with a description of it, as JSON: what the upstream saw.

local named = { ['"'] = '\\"', ['\\'] = '\\\\', ['\n'] = '\\n', ['\r'] = '\\r', ['\t'] = '\\t' }

local function escape(character)
  return named[character] or string.format('\\u%04x', character:byte())
end

-- The length of the UTF-8 character at a place, nil where there is none.
local function character_length(text, place)
  local first = text:byte(place)
  local length = first < 0x80 and 1 or first >= 0xC2 and first < 0xE0 and 2
    or first >= 0xE0 and first < 0xF0 and 3 or first >= 0xF0 and first < 0xF5 and 4
  if not length then return nil end
  for next_place = place + 1, place + length - 1 do
    local byte = text:byte(next_place)
    if not byte or byte < 0x80 or byte > 0xBF then return nil end
  end
  return length
end

local function is_text(text)
  if not text:find('[\128-\255]') then return true end
  local place = 1
  while place <= #text do
    local length = character_length(text, place)
    if not length then return false end
    place = place + length
  end
  return true
end

local function quote(text)
  if not is_text(text) then  -- bytes that are no text: as Latin-1
    text = text:gsub('[\128-\255]', function(c)
      local byte = c:byte()
      return string.char(0xC0 + math.floor(byte / 64), 0x80 + byte % 64)
    end)
  end
  return '"' .. text:gsub('[%z\1-\31"\\]', escape) .. '"'
end

local function fields(map)
  local order, values = {}, {}
  for name, value in pairs(map) do
    if name:sub(1, 1) ~= ':' then
      if not values[name] then
        values[name] = {}
        order[#order + 1] = name
      end
      table.insert(values[name], quote(value))
    end
  end
  local found = {}
  for _, name in ipairs(order) do
    local all = values[name]
    local value = #all == 1 and all[1] or '[' .. table.concat(all, ', ') .. ']'
    found[#found + 1] = '    ' .. quote(name) .. ': ' .. value
  end
  if #found == 0 then return '{}' end
  return '{\n' .. table.concat(found, ',\n') .. '\n  }'
end

function envoy_on_request(handle)
  local chunk = handle:body()
  local body = chunk and chunk:length() > 0 and chunk:getBytes(0, chunk:length()) or ''
  local trailers = handle:trailers()
  local trailing = trailers and fields(trailers)
  local headers = handle:headers()  -- asked last: waiting for the body invalidates what is older
  local lines = {
    '  "method": ' .. quote(headers:get(':method') or ''),
    '  "path": ' .. quote(headers:get(':path') or ''),
    '  "authority": ' .. quote(headers:get(':authority') or ''),
    '  "headers": ' .. fields(headers),
  }
  if is_text(body) then
    lines[#lines + 1] = '  "body": ' .. quote(body)
  else
    lines[#lines + 1] = '  "body_base64": ' .. quote(handle:base64Escape(body))
  end
  if trailing then
    lines[#lines + 1] = '  "trailers": ' .. trailing
  end
  local answer = '{\n' .. table.concat(lines, ',\n') .. '\n}\n'
  handle:respond({ [':status'] = '200', ['content-type'] = 'application/json' }, answer)
end
